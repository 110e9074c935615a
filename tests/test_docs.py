"""The documents say what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from graph.schema import schema
from services.teams.applying import SAYS
from services.teams.compare import REASONS
from services.teams.outcomes import OUTCOME_ISSUES
from settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`HOMEROOM_{name.upper()}`" not in page]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_are_valid(page: Path) -> None:
    examples = re.findall(r"```graphql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert [str(error) for text in examples for error in validate(schema._schema, parse(text))] == []


def test_every_issue_of_teams_is_documented() -> None:
    page = (ROOT / "docs" / "teams.md").read_text(encoding="utf-8")
    told = {*REASONS, *SAYS, *OUTCOME_ISSUES, "OVERRIDE_REQUIRED"}
    for path in (ROOT / "services" / "teams").glob("*.py"):
        told |= set(re.findall(r'issue\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert len(told) >= 20
    assert sorted(code for code in told if not re.search(rf"^\|[^|]*\b{code}\b", page, re.MULTILINE)) == []


@pytest.mark.parametrize(
    "file", sorted((ROOT / "graph" / "explorer" / "examples").glob("*.graphql")), ids=lambda f: f.name
)
def test_the_explorers_tabs_are_valid(file: Path) -> None:
    assert validate(schema._schema, parse(file.read_text(encoding="utf-8"))) == []


def test_the_committed_schema_is_the_schema() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == schema.as_str() + "\n"
