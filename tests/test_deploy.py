"""What operators are given to run homeroom with says what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.meters import Meters
from settings import Settings
from tests.support.list_dependencies import bill

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "compose.yaml",
    ROOT / "Containerfile",
    ROOT / "SECURITY.md",
    ROOT / "docs/operate.md",
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file()),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    named = re.findall(r"HOMEROOM_([A-Z_]*[A-Z])\b", file.read_text(encoding="utf-8"))
    assert [name for name in named if name.lower() not in Settings.model_fields] == []


def test_every_metric_is_explained() -> None:
    page = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    families = [family.name for family in Meters().registry().collect() if family.name.startswith("homeroom_")]
    assert len(families) == 10
    assert [name for name in families if f"`{name}" not in page] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_command_that_is_started_exists(file: Path) -> None:
    started = re.findall(r"(?:-m cli|command: \[|args: \[|CMD \[\")\s*\"?([a-z]+)", file.read_text(encoding="utf-8"))
    verbs = {"serve", "worker", "migrate", "prune", "sleep", "python"}
    assert set(started) <= verbs


def test_the_list_of_dependencies_names_every_locked_package_with_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = bill()
    assert found["bomFormat"] == "CycloneDX"
    assert [f"{row['name']}=={row['version']}" for row in found["components"]] == re.findall(
        r"^([\w.-]+==[^\s;\\]+)", lock, re.MULTILINE
    )
    hashes = [row["externalReferences"][0]["hashes"] for row in found["components"]]
    assert sum(map(len, hashes)) == lock.count("--hash=sha256:")
