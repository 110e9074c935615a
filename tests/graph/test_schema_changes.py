"""What has changed in the schema for the clients of an earlier one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from graphql import build_schema

from graph.schema import schema
from graph.schema_changes import Changes, NoSchemaError, changes_since

TODAY = date(2026, 3, 2)
EARLIER = """
type Query { class(id: ID!): Class  programs(first: Int = 25): [String] }
type Class { id: ID! name: String! status: Status! }
enum Status { ACTIVE }
"""


def test_what_breaks_and_what_may_surprise() -> None:
    now = build_schema(
        EARLIER.replace("name: String!", "name: String")
        .replace("= 25", "= 50")
        .replace("{ ACTIVE }", "{ ACTIVE, ENDED }")
    )
    assert changes_since(EARLIER, now, TODAY) == Changes(
        breaking=["Field Class.name changed type from String! to String."],
        surprising=[
            "Enum value Status.ENDED was added.",
            "Query.programs(first:) has changed defaultValue from 25 to 50.",
        ],
    )


def test_nothing_has_changed_since_itself_and_additions_are_no_change_for_anybody() -> None:
    assert changes_since(schema.as_str(), schema._schema, TODAY) == Changes([], [])
    assert changes_since(EARLIER, build_schema(EARLIER.replace("name:", "room: String name:")), TODAY) == Changes(
        [], []
    )


@pytest.mark.parametrize("text", ["", "type", "type Query { a: Missing }"])
def test_what_is_no_schema_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoSchemaError):
        changes_since(text, schema._schema, TODAY)


TOLD = '@deprecated(reason: "Use `title` instead. Deprecated 2025-11-01, removed after 2026-03-01.")'


@pytest.mark.parametrize(
    ("before", "gone", "sentence"),
    [
        ("name: String!", "", "Field Class.name was removed."),
        ("first: Int = 25", "", "Argument Query.programs(first:) was removed."),
        ("ACTIVE", "", "Enum value Status.ACTIVE was removed."),
    ],
)
def test_what_was_announced_in_time_may_go_after_its_last_day(before: str, gone: str, sentence: str) -> None:
    schema_of = EARLIER.replace("(first: Int = 25)", "(first: Int = 25, last: Int)").replace("ACTIVE", "ACTIVE ENDED")
    deprecated = schema_of.replace(before, f"{before} {TOLD}")
    now = build_schema(schema_of.replace(before, gone))
    assert changes_since(deprecated, now, TODAY) == Changes([], [], [sentence])
    assert changes_since(deprecated, now, TODAY - timedelta(days=1)) == Changes([sentence], [])
    assert changes_since(schema_of, now, TODAY) == Changes([sentence], [])
