"""Documents held to a schema and to limits without being run."""

from __future__ import annotations

import pytest

from graph.http.checked import Checked, Checker
from settings import Settings
from tests.graph.toy import schema

REASON = "Use `text` instead. Deprecated 2026-01-01, removed after 2026-12-31."


async def check(text: str, **limits: object) -> list[Checked]:
    return await Checker(schema, Settings(_env_file=None, **limits)).check(text, {"n": 3})


async def test_what_goes_away_is_told_beside_the_price() -> None:
    (found,) = await check("query Old { words text }")
    assert (found.name, found.points, found.problems) == ("Old", 1, ())
    assert found.goes_away == {"Query.words": REASON}


@pytest.mark.parametrize("mode", ["enforce", "warn"])
async def test_limits_hold_whatever_the_mode(mode: str) -> None:
    deep = "query Deep($n: Int) { things(first: $n) { nodes { itself { itself { id } } } } }"
    (found,) = await check(deep, max_depth=3, limits=mode)
    assert (found.name, found.points) == (None, None)
    assert found.problems == ("DEPTH_LIMIT: The document nests its fields too deeply. (5 of 3)",)
    (page,) = await check(deep, max_page=2, limits=mode)
    assert page.problems == ("BAD_INPUT: `first` of `things` must be between 0 and 2. (3 of 2)",)


async def test_a_broken_document_is_told_with_its_line() -> None:
    (found,) = await check("{\n  text(\n}")
    assert [problem.partition(":")[0] for problem in found.problems] == ["GRAPHQL_PARSE_FAILED, line 3"]
