"""What the database itself says about whether anything in it has changed, whoever wrote it and however.

Two equal answers of `current` mean: nothing was committed between them, by this process, by another one, by the
command line or by hand. Nothing has to be bumped, so no write can be forgotten and no crash can lose a bump.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Protocol

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from db.connection import configuration, is_sqlite
from db.failures import UNANSWERED

_PAUSE = 1.0


class Versions(Protocol):
    """One per process and database."""

    async def current(self) -> str | None:
        """The state of the database now; None where that cannot be told."""

    async def close(self) -> None: ...


class SqliteVersions:
    """`PRAGMA data_version` of a connection that never writes: it counts the commits of all others.

    Quirk: asked on the event loop, which takes microseconds: it looks into memory that SQLite's processes share.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def current(self) -> str | None:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path.absolute().as_uri() + "?mode=rw", uri=True, timeout=0)
            return str(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresVersions:
    """`pg_current_snapshot()`: which transactions have been committed, so equal texts see equal rows.

    Source: one statement on a connection of its own, shared by all who wait for the next one to begin.
    Quirk:  transactions of other databases of the same server change it too, and then answers end earlier than needed.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._statement: PreparedStatement | None = None
        self._connections = 0
        self._away_until = float("-inf")
        self._next: asyncio.Task[str | None] | None = None
        self._asking = asyncio.Lock()

    async def current(self) -> str | None:
        if time.monotonic() < self._away_until:
            return None
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        async with self._asking:
            await self._drop()

    async def _ask(self) -> str | None:
        async with self._asking:
            self._next = None  # Who comes from now on must not be answered by what is asked now.
            try:
                async with asyncio.timeout(1):
                    statement = self._statement or await self._connect()
                    return f"{self._connections}:{await statement.fetchval()}"
            except UNANSWERED:
                await self._drop()
                self._away_until = time.monotonic() + _PAUSE
                return None

    async def _connect(self) -> PreparedStatement:
        credentials = configuration(self._url)["connections"]["default"]["credentials"]
        names = ("host", "port", "user", "password", "database", "ssl")
        self._connection = await asyncpg.connect(**{name: credentials[name] for name in names if name in credentials})
        self._connections += 1
        self._statement = await self._connection.prepare("SELECT pg_current_snapshot()::text")
        return self._statement

    async def _drop(self) -> None:
        connection, self._connection, self._statement = self._connection, None, None
        if connection is not None:
            connection.terminate()


def versions_of(url: str) -> Versions:
    """Those of the database that `url` names."""
    if not is_sqlite(url):
        return PostgresVersions(url)
    return SqliteVersions(Path(configuration(url)["connections"]["default"]["credentials"]["file_path"]))
