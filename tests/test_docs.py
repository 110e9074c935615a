"""The documents say what is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.http.checked import Checker
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
async def test_examples_would_run_within_the_limits_and_use_nothing_that_goes_away(page: Path) -> None:
    """C-20. Variables that have no default are priced as a page of 25."""
    checker = Checker(schema, Settings(_env_file=None))
    for text in _examples(page):
        for found in await checker.check(text, {}):
            assert (found.problems, found.goes_away) == ((), {})


def _examples(page: Path) -> list[str]:
    return re.findall(r"```graphql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_every_issue_of_teams_is_documented() -> None:
    page = (ROOT / "docs" / "teams.md").read_text(encoding="utf-8")
    told = {*REASONS, *SAYS, *OUTCOME_ISSUES, "OVERRIDE_REQUIRED"}
    for path in (ROOT / "services" / "teams").glob("*.py"):
        told |= set(re.findall(r'issue\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert len(told) >= 20
    assert sorted(code for code in told if not re.search(rf"^\|[^|]*\b{code}\b", page, re.MULTILINE)) == []


def test_the_committed_schema_is_the_schema() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == schema.as_str() + "\n"
