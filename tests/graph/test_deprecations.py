"""What goes away: told in time, and who still uses it (C-18)."""

from __future__ import annotations

from datetime import date

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse

from graph.deprecations import Deprecations, last_day
from graph.schema import schema

TOLD = "Use `name` instead. Deprecated 2026-01-01, removed after 2026-04-01."
TOY = f"""
type Query {{
  title: String @deprecated(reason: "{TOLD}")
  name(short: Boolean @deprecated(reason: "{TOLD}"), state: State, where: Where): String
}}
enum State {{ ON OFF @deprecated(reason: "{TOLD}") }}
input Where {{ state: State  states: [State!]  title: String @deprecated(reason: "{TOLD}")  all: [Where!] }}
"""


@pytest.fixture(scope="module")
def toy() -> GraphQLSchema:
    return build_schema(TOY)


@pytest.mark.parametrize(
    ("reason", "day"),
    [
        (TOLD, date(2026, 4, 1)),
        (TOLD.replace("2026-04-01", "2026-03-31"), None),
        ("Use `name` instead.", None),
        ("No longer supported", None),
    ],
)
def test_a_reason_says_what_to_use_and_until_when_with_ninety_days_between(reason: str, day: date | None) -> None:
    assert last_day(reason) == day


def test_the_elements_whose_reason_says_too_little_are_told() -> None:
    short = build_schema(TOY.replace(TOLD, "Old.", 2))
    assert Deprecations(short).unclear() == ["Query.title", "Query.name(short:)"]


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("{ name }", set()),
        ("{ called: title }", {"Query.title"}),
        ("{ name(short: true, state: OFF) }", {"Query.name(short:)", "State.OFF"}),
        (
            '{ ...F } fragment F on Query { name(where: {all: [{title: "a", states: [ON, OFF]}]}) }',
            {"Where.title", "State.OFF"},
        ),
    ],
)
def test_what_a_document_names_is_found(toy: GraphQLSchema, text: str, used: set[str]) -> None:
    assert Deprecations(toy).used(parse(text)) == used


def test_what_variables_hold_is_found_at_any_depth_and_whatever_does_not_fit_is_passed_over(toy: GraphQLSchema) -> None:
    operation = parse("query($w: [Where!], $s: State!, $n: Int) { name(where: $w, state: $s) }").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    found = Deprecations(toy)
    deep: object = {"title": "a"}
    for _ in range(2_000):
        deep = [deep]
    assert found.given(operation, {"w": deep, "s": "ON"}) == {"Where.title"}
    assert found.given(operation, {"w": [{"all": [{"states": ["OFF"]}]}], "s": "OFF"}) == {"State.OFF"}
    assert found.given(operation, {"w": 3, "s": ["x"], "n": {"title": 1}, "more": {"title": 1}}) == set()


def test_whatever_is_deprecated_here_says_what_to_use_and_until_when() -> None:
    assert Deprecations(schema._schema).unclear() == []
