"""What has changed in the schema for the clients of an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from graphql import BreakingChange, DangerousChange, GraphQLError, GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from graph.deprecations import Deprecations, last_day


class NoSchemaError(ValueError):
    """The text is not a schema."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences. What breaks fails operations that worked; what surprises is new to clients, such as another enum value.

    What was `announced` had been deprecated in the earlier schema, and its last day is over.
    """

    breaking: list[str]
    surprising: list[str]
    announced: list[str] = field(default_factory=list)


def changes_since(earlier: str, now: GraphQLSchema, today: date) -> Changes:
    """From an earlier schema.graphql to this schema. Raises NoSchemaError."""
    try:
        before = build_schema(earlier)
    except (GraphQLError, TypeError) as error:
        raise NoSchemaError from error
    removed = _told(find_breaking_changes(before, now))
    over = _announced(before, today)
    return Changes(
        breaking=[line for line in removed if line not in over],
        surprising=_told(find_dangerous_changes(before, now)),
        announced=[line for line in removed if line in over],
    )


def _announced(before: GraphQLSchema, today: date) -> set[str]:
    """The sentences for removing what clients were told would be gone by today."""
    days = {name: last_day(reason) for name, reason in Deprecations(before).reasons.items()}
    gone = [name for name, day in days.items() if day is not None and day < today]
    return {f"{kind} {name} was removed." for name in gone for kind in ("Field", "Argument", "Enum value")}


def _told(found: list[BreakingChange] | list[DangerousChange]) -> list[str]:
    return sorted(change.description for change in found)
