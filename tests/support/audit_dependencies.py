"""Look the locked dependencies up among known vulnerabilities: `python tests/support/audit_dependencies.py`.

Ends with 1 where one is known. Where no database can be reached it says so and ends with 0: that is not what a closed
network's build should fail for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[2] / "requirements.lock"
SECONDS = 180


def main() -> int:
    """The exit code."""
    found = _ask()
    if isinstance(found, str):
        sys.stdout.write(f"pip-audit was skipped: {found}\n")
        return 0
    looked_up = [row for row in found if "skip_reason" not in row]
    if not looked_up:
        sys.stdout.write(f"pip-audit was skipped: its database knows none of {len(found)} packages from here\n")
        return 0
    vulnerable = [(row, flaw) for row in looked_up for flaw in row["vulns"]]
    for row, flaw in vulnerable:
        fixed = ", ".join(flaw.get("fix_versions", [])) or "no version yet"
        sys.stdout.write(f"{row['name']} {row['version']}: {flaw['id']}, fixed in {fixed}\n")
    sys.stdout.write(f"pip-audit: {len(looked_up)} of {len(found)} packages looked up, {len(vulnerable)} flaws\n")
    return 1 if vulnerable else 0


def _ask() -> list[dict[str, Any]] | str:
    """What is known of each package, or why nothing is."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip", "--no-deps"]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        rows: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return f"no answer within {SECONDS} s"
    except (ValueError, KeyError):
        return "no vulnerability database can be reached"
    return rows


if __name__ == "__main__":
    sys.exit(main())
