"""How every write goes: one transaction, the audit entry in it, and nothing remembered from before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.exceptions import IntegrityError

from db.transactions import atomic, violated
from domain.problems import Problem
from services import idempotency
from services.operation import Operation


@asynccontextmanager
async def writing(op: Operation, **taken: Problem) -> AsyncIterator[None]:
    """All or nothing; a Problem raised inside undoes it. Afterwards the operation reads everything anew.

    Shape:  `taken` says which problem the violation of a unique index (by its name) is.
    Quirk:  start no task in here and use no loader: loaders run in tasks of their own, outside the transaction.
    """
    try:
        async with atomic():
            yield
            await idempotency.note_done()
    except IntegrityError as error:
        for index, problem in taken.items():
            if violated(error, index):
                raise problem from error
        raise
    finally:
        op.loaders.forget()
