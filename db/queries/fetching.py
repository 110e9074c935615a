"""How rows leave Tortoise: as tuples of the columns asked for, several times faster than model objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any, TypeVar

from tortoise.expressions import Q, RawSQL
from tortoise.queryset import QuerySet

from db.queries.reading import columns_of, tuples_of
from domain.filters import words

R = TypeVar("R")
SortKey = tuple[str, int]
"""(sort key, id): what lists are ordered by."""

_BATCH = 10_000
"""Well below the parameters that either database takes in one statement."""

_LONG = 50


async def rows_of(shape: type[R], found: QuerySet[Any], **columns: str) -> list[R]:
    """One `shape` per row; its field names are the columns, but for those named otherwise in `columns`."""
    names = [columns.get(field.name, field.name) for field in fields(shape)]  # type: ignore[arg-type]
    return list(map(shape, *await columns_of(found, names) or ([] for _ in names)))


async def keys_of(found: QuerySet[Any], sort_key: str = "sort_key") -> list[SortKey]:
    """(sort key, id) of every row, in that order: what a page is cut from."""
    return list(await tuples_of(found.order_by(sort_key, "id"), (sort_key, "id")))


def batches(ids: Iterable[R]) -> Iterator[list[R]]:
    rest = iter(dict.fromkeys(ids))
    while batch := list(islice(rest, _BATCH)):
        yield batch


def one_of(values: list[Any]) -> Any:
    """For `__in`: long lists of numbers are written into the statement, which is a fraction of a parameter's price each."""
    if len(values) < _LONG or any(type(value) is not int for value in values):
        return values
    return RawSQL(f"({','.join(map(str, values))})")


async def by_ids(
    shape: type[R], found: QuerySet[Any], ids: Iterable[Any], column: str = "id", **columns: str
) -> list[R]:
    """The rows of `found` whose `column` is one of `ids`, in no order."""
    rows: list[R] = []
    for batch in batches(ids):
        rows += await rows_of(shape, found.filter(**{f"{column}__in": one_of(batch)}), **columns)
    return rows


def matching(search: str | None, *columns: str) -> Q:
    """Every word of `search` stands in one of `columns`: `__contains` for folded text, `__icontains` for other."""
    return Q(*(Q(*(Q(**{column: word}) for column in columns), join_type="OR") for word in words(search)))
