"""What has changed in the schema for the clients of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import BreakingChange, DangerousChange, GraphQLError, GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes


class NoSchemaError(ValueError):
    """The text is not a schema."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences. What breaks fails operations that worked; what surprises is new to clients, such as another enum value."""

    breaking: list[str]
    surprising: list[str]


def changes_since(earlier: str, now: GraphQLSchema) -> Changes:
    """From an earlier schema.graphql to this schema. Raises NoSchemaError."""
    try:
        before = build_schema(earlier)
    except (GraphQLError, TypeError) as error:
        raise NoSchemaError from error
    return Changes(_told(find_breaking_changes(before, now)), _told(find_dangerous_changes(before, now)))


def _told(found: list[BreakingChange] | list[DangerousChange]) -> list[str]:
    return sorted(change.description for change in found)
