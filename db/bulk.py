"""Changing many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tortoise.models import Model

M = TypeVar("M", bound=Model)


async def update_all(model: type[M], rows: Sequence[M], fields: Sequence[str]) -> None:
    """Write those fields of every row, one prepared statement for all.

    Quirk: Tortoise's own `bulk_update` casts to the column's type, which PostgreSQL refuses for one with a collation.
    """
    connection = model._choose_db(for_write=True)
    executor = connection.executor_class(model=model, db=connection)
    statement = executor.get_update_sql(fields, None)
    columns = [(name, model._meta.fields_map[name]) for name in fields]
    values = [[*(column.to_db_value(getattr(row, name), row) for name, column in columns), row.pk] for row in rows]
    await connection.execute_many(statement, values)
