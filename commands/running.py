"""What commands that read or write data run in: an open database and an engine, as the system."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NoReturn

from db import connection
from db.failures import UNANSWERED
from db.sealing import Keyring, WeakKeyError
from domain.problems import Problem
from domain.scope import SYSTEM
from jobs.queue import Unheard
from services import engine
from services.operation import Operation, begin
from settings import Settings


def fail(message: str) -> NoReturn:
    """End with a sentence and exit code 1."""
    sys.stderr.write(f"homeroom: {message}\n")
    raise SystemExit(1)


def warn(message: str) -> None:
    """Tell the operator a sentence and go on."""
    sys.stderr.write(f"homeroom: warning: {message}\n")


@asynccontextmanager
async def operation(settings: Settings) -> AsyncIterator[Operation]:
    """An operation of the system's own. A Problem ends the command with its message."""
    require_keys(settings)
    await require_current(settings)
    await connection.connect(settings.database_url)
    try:
        async with engine.running(settings, Unheard()) as running:
            yield begin(running, SYSTEM, request_id="command")
    except Problem as problem:
        fail(problem.message)
    finally:
        await connection.disconnect()


def require_keys(settings: Settings) -> None:
    """End the command where no key can be sealed."""
    if settings.secret_key is None:
        fail("set HOMEROOM_SECRET_KEY: 32 random bytes, url-safe base64. Make one with: homeroom keys new")
    try:
        Keyring.parse(settings.secret_key.get_secret_value())
    except WeakKeyError as error:
        fail(str(error))


@contextmanager
def opening_the_database() -> Iterator[None]:
    """End the command where it is not there. Its own words stay out: they may quote a password."""
    try:
        yield
    except (*UNANSWERED, RuntimeError) as error:
        fail(f"the database cannot be opened ({type(error).__name__}): look at HOMEROOM_DATABASE_URL.")


async def require_current(settings: Settings) -> None:
    """End the command where the database cannot be opened, or has not had all migrations."""
    with opening_the_database():
        waiting = await connection.pending(settings.database_url)
    if waiting:
        fail("the database is behind this version. Type: homeroom migrate")
