"""Fresh databases for tests: a copied file on SQLite, a truncated database of its own on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from db import connection
from db.models import tables

POSTGRES = os.environ.get("HOMEROOM_TEST_DATABASE_URL")
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def sqlite_template(folder: Path) -> Path:
    """A migrated file to copy."""
    path = folder / "template.sqlite3"
    asyncio.run(connection.migrate(f"sqlite://{path}"))
    return path


def sqlite_copy(template: Path, folder: Path) -> str:
    path = folder / "homeroom.sqlite3"
    shutil.copyfile(template, path)
    return f"sqlite://{path}?synchronous=OFF"


@contextmanager
def postgres_database(server: str, purpose: str = "test") -> Iterator[str]:
    """An empty database of this process alone on the server of `server`, dropped afterwards."""
    name = f"homeroom_{purpose}_{_WORKER}_{os.getpid()}"
    asyncio.run(execute(server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"'))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        asyncio.run(execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


_LEFT_OVER = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""A test that was cut short may have left a transaction open, whose locks the next one would wait for."""


async def empty(url: str) -> None:
    """Delete every row and count from one again: TRUNCATE of as many tables takes ten times as long."""
    names = [model._meta.db_table for model in tables()]
    numbered = [model._meta.db_table for model in tables() if model._meta.pk.generated]
    rows = "".join(f'DELETE FROM "{name}";' for name in names)  # noqa: S608  our own tables
    numbers = "".join(f"SELECT setval('{name}_id_seq', 1, false);" for name in numbered)
    await execute(url, _LEFT_OVER, f"SET session_replication_role = replica; {rows} {numbers}")


async def execute(url: str, *statements: str) -> None:
    server = await asyncpg.connect(url)
    try:
        for statement in statements:
            await server.execute(statement)
    finally:
        await server.close()
