"""`make bench`: every benchmark, one after the other, each a process of its own."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.report import gather

ALL = ("executor", "statewide", "matching_speed", "matching_quality", "calendar", "teams", "answers", "processes")


def main() -> int:
    """How many failed."""
    chosen = sys.argv[1:] or ALL
    codes = [subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in chosen]
    gather()
    failed = [name for name, code in zip(chosen, codes, strict=True) if code]
    if failed:
        print("failed:", ", ".join(failed))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
