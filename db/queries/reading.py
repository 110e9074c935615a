"""Rows as the driver gave them, a column at a time: Tortoise would look at every value of every row by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.queryset import QuerySet

from db.models.columns import SortKeyField

_PLAIN = {
    fields.IntField,
    fields.BigIntField,
    fields.SmallIntField,
    fields.CharField,
    fields.TextField,
    fields.FloatField,
    SortKeyField,
}
"""What both drivers give as it is meant."""


async def columns_of(found: QuerySet[Any], names: Sequence[str]) -> list[Sequence[Any]]:
    """The values of each column of `names`, in the order of the rows; nothing at all without rows.

    Quirk: Tortoise has no public way to its driver's rows, so this does what awaiting `values_list` does up to there.
    """
    query: Any = found.values_list(*names)
    query._choose_db_if_not_chosen()
    query._make_query()
    _, rows = await query._db.execute_query(*query.query.get_parameterized_sql())
    if not rows:
        return []
    readers = [query.resolve_to_python_value(query.model, name) for name in names]
    return [_read(values, reader) for values, reader in zip(zip(*rows, strict=True), readers, strict=True)]


async def tuples_of(found: QuerySet[Any], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The same row by row."""
    return zip(*await columns_of(found, names), strict=True)


def _read(values: Sequence[Any], reader: Any) -> Sequence[Any]:
    field = getattr(reader, "__self__", None)
    if field is None or type(field) in _PLAIN:
        return values
    if isinstance(field, fields.DatetimeField):
        return [_instant(value) for value in values]
    if isinstance(field, fields.JSONField):
        return [_frozen(reader(value)) for value in values]
    read = {value: reader(value) for value in set(values)}  # days, enums, truth values: few different ones
    return [read[value] for value in values]


def _instant(value: datetime | str | None) -> datetime | None:
    """SQLite keeps instants as text."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant


def _frozen(value: Any) -> Any:
    return tuple(value) if type(value) is list else value
