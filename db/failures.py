"""What a database raises that cannot be asked or cannot keep what it is given, and what a client is told then."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import asyncpg
from tortoise.exceptions import BaseORMException, DBConnectionError

from domain.errors import DatabaseAway, DomainError, StorageFull
from domain.problems import Problem

UNANSWERED = (
    BaseORMException,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
    OSError,
    TimeoutError,
)
"""Whatever a statement may fail with; `TimeoutError` where it took longer than it may.

The library hands some of the drivers' own exceptions on as they are.
"""

_AWAY = (
    ConnectionError,
    TimeoutError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
_FULL = {sqlite3.SQLITE_FULL}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def explained(error: BaseException) -> DomainError | None:
    """The failure to show for one of the database's; None where it is a fault of ours."""
    for cause in _causes(error):
        if isinstance(cause, asyncpg.DiskFullError) or _code(cause) in _FULL:
            return StorageFull()
        if isinstance(cause, _AWAY) or _code(cause) in _BUSY | _BROKEN:
            return DatabaseAway()
    return None


def _code(error: BaseException) -> int | None:
    """SQLite's primary result code."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, what the library wrapped in it, and what it was raised from: up to what has been explained already."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, DomainError | Problem):
        yield found
        inner = found.args[0] if found.args and isinstance(found.args[0], BaseException) else None
        found = inner or found.__cause__
