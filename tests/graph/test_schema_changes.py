"""What has changed in the schema for the clients of an earlier one."""

from __future__ import annotations

import pytest
from graphql import build_schema

from graph.schema import schema
from graph.schema_changes import Changes, NoSchemaError, changes_since

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
    assert changes_since(EARLIER, now) == Changes(
        breaking=["Field Class.name changed type from String! to String."],
        surprising=[
            "Enum value Status.ENDED was added.",
            "Query.programs(first:) has changed defaultValue from 25 to 50.",
        ],
    )


def test_nothing_has_changed_since_itself_and_additions_are_no_change_for_anybody() -> None:
    assert changes_since(schema.as_str(), schema._schema) == Changes([], [])
    assert changes_since(EARLIER, build_schema(EARLIER.replace("name:", "room: String name:"))) == Changes([], [])


@pytest.mark.parametrize("text", ["", "type", "type Query { a: Missing }"])
def test_what_is_no_schema_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoSchemaError):
        changes_since(text, schema._schema)
