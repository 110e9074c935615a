"""Opening, closing and migrating the one database of a process."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor

from db.failures import UNANSWERED

APP = "homeroom"
CLOSE_SECONDS = 10
APPS: dict[str, dict[str, Any]] = {
    APP: {"models": ["db.models"], "migrations": "db.migrations", "default_connection": "default"}
}
_SQLITE = {"journal_mode": "WAL", "foreign_keys": "ON", "busy_timeout": 10_000, "synchronous": "NORMAL"}
_POSTGRES = {"min_size": 1, "max_size": 20}
_MIGRATION_LOCK = 4_866_731_224


def configuration(url: str, reply_seconds: float | None = None) -> dict[str, Any]:
    """What Tortoise wants to hear about `url`; its query may override any of our connection options."""
    connection = expand_db_url(url)
    defaults = _SQLITE if is_sqlite(url) else {**_POSTGRES, "command_timeout": reply_seconds}
    connection["credentials"] = {**defaults, **connection["credentials"]}
    return {"connections": {"default": connection}, "apps": APPS}


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


async def connect(url: str, reply_seconds: float | None = None) -> None:
    """Open the database for every task of this process.

    `reply_seconds`: how long PostgreSQL may take for a statement, and for giving one up. Without it a server that hangs
    would hold whoever asked it for ever, whatever their deadline.

    The fallback is global because a server runs its lifespan and its requests in different contexts. The library keeps
    statements by table, whatever the kind of database: those of an earlier one are forgotten.
    """
    EXECUTOR_CACHE.clear()
    await Tortoise.init(config=configuration(url, reply_seconds), _enable_global_fallback=True)
    try:
        await get_connection("default").execute_query("SELECT 1")
    except BaseException:
        await disconnect()
        raise


async def disconnect() -> None:
    """Close what can be closed in time: a pool waits for ever for a connection that cancelled work never gave back."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await Tortoise.close_connections()


async def healthy() -> bool:
    """Whether the database answers within two seconds."""
    try:
        async with asyncio.timeout(2):
            await get_connection("default").execute_query("SELECT 1")
    except (*UNANSWERED, RuntimeError):
        return False
    return True


async def migrate(url: str) -> None:
    """Bring the database up to date. Whoever starts second waits and then finds nothing to do."""
    async with _alone(url), _opened(url) as connection:
        await MigrationExecutor(connection, APPS).migrate()


async def pending(url: str) -> list[str]:
    """The names of the migrations that the database has not had yet."""
    async with _opened(url) as connection:
        steps = await MigrationExecutor(connection, APPS).plan()
    return [step.migration.name for step in steps]


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with TortoiseContext() as context:
        await context.init(config=configuration(url))
        connection = context.connections.get("default")
        await connection.execute_query("SELECT 1")
        yield connection


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    lock = _file_lock(url) if is_sqlite(url) else _advisory_lock(url)
    async with lock:
        yield


@asynccontextmanager
async def _file_lock(url: str) -> AsyncIterator[None]:
    """Hold a file beside the database: locking the database's own file would undo SQLite's locks on it."""
    path = configuration(url)["connections"]["default"]["credentials"]["file_path"]
    with Path(f"{path}-migrate").open("w") as file:  # noqa: ASYNC230  an empty file on the local disk
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _advisory_lock(url: str) -> AsyncIterator[None]:
    credentials = configuration(url)["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "database", "ssl")
    holder = await asyncpg.connect(**{name: credentials[name] for name in names if name in credentials})
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        yield
    finally:
        await holder.close()
