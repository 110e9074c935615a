"""What commands that read or write data run in: an open database and an engine, as the system."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from db import connection
from domain.problems import Problem
from domain.scope import SYSTEM
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from services import engine
from services.operation import Operation, begin
from settings import Settings


def fail(message: str) -> NoReturn:
    """End with a sentence and exit code 1."""
    sys.stderr.write(f"homeroom: {message}\n")
    raise SystemExit(1)


@asynccontextmanager
async def operation(settings: Settings) -> AsyncIterator[Operation]:
    """An operation of the system's own. A Problem ends the command with its message."""
    await require_current(settings)
    await connection.connect(settings.database_url)
    try:
        async with engine.running(settings, TaskiqQueue(broker_of(settings))) as running:
            yield begin(running, SYSTEM, request_id="command")
    except Problem as problem:
        fail(problem.message)
    finally:
        await connection.disconnect()


async def require_current(settings: Settings) -> None:
    """End the command where the database has not had all migrations."""
    if await connection.pending(settings.database_url):
        fail("the database is behind this version. Type: homeroom migrate")
