"""Write what homeroom is made of as CycloneDX: `python tests/support/list_dependencies.py OUTPUT`."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill() -> dict[str, Any]:
    """The locked packages, each with the hashes under which it may be installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = {"type": "application", "name": project["name"], "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**own, "licenses": [{"license": {"id": project["license"]}}]}},
        "components": _components((ROOT / "requirements.lock").read_text(encoding="utf-8")),
    }


def _components(lock: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in lock.splitlines():
        package = _PACKAGE.match(line)
        if package is not None:
            name, version = package.groups()
            purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
            found.append({"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl})
        if found and (digest := _HASH.search(line)):
            found[-1].setdefault(
                "externalReferences", [{"type": "distribution", "url": found[-1]["purl"], "hashes": []}]
            )
            found[-1]["externalReferences"][0]["hashes"].append({"alg": "SHA-256", "content": digest.group(1)})
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
