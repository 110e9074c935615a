"""Transactions that mean the same on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.models import Model
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from db.models import Facility, tables, unique_indexes

M = TypeVar("M", bound=Model)


@asynccontextmanager
async def atomic() -> AsyncIterator[None]:
    """All or nothing; inside another one, a savepoint. Never start a task in here that outlives it.

    On SQLite the first statement takes the write lock: a transaction that reads, lets another process write and
    then writes itself would fail at once instead of waiting.
    """
    async with in_transaction() as connection:
        if connection.capabilities.dialect == "sqlite":
            await connection.execute_query(f'UPDATE "{Facility._meta.db_table}" SET "id" = "id" WHERE 0')  # noqa: S608  our own table
        yield


def lock(rows: QuerySet[M]) -> QuerySet[M]:
    """Read rows to change them: nobody else changes them before the transaction ends; rows that refer to them may come.

    SQLite has one writer at a time, which `atomic` already is.
    """
    if get_connection("default").capabilities.dialect == "sqlite":
        return rows
    return rows.select_for_update(no_key=True)


def violated(error: IntegrityError, index: str) -> bool:
    """Whether the unique index of that name (see `unique_indexes` of the models) refused the row."""
    cause = error.args[0]
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        return getattr(cause, "constraint_name", None) == index
    return str(cause).partition("UNIQUE constraint failed: ")[2] == _columns_of(index)


def _columns_of(index: str) -> str:
    """The words SQLite has for an index: it tells the columns, not the name."""
    for model in tables():
        for unique in unique_indexes(model):
            if unique.name == index:
                return ", ".join(f"{model._meta.db_table}.{column}" for column in unique.columns)
    raise ValueError(index)
