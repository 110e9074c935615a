from __future__ import annotations

import asyncio
import sys
import threading

import pytest
from tortoise.connection import get_connection

from db import connection
from db.make_migration import PATH, initial
from db.models import Facility, tables, unique_indexes
from tests.support import databases

NAMES = [path.stem for path in sorted(PATH.parent.glob("0*.py"))]


async def test_the_first_migration_is_what_the_models_say() -> None:
    # `python -m db.make_migration` writes it anew.
    assert PATH.read_text(encoding="utf-8") == await initial()


async def test_a_new_database_lacks_every_migration_and_afterwards_none(empty_url: str) -> None:
    assert await connection.pending(empty_url) == NAMES
    await connection.migrate(empty_url)
    assert await connection.pending(empty_url) == []


async def test_migrating_again_changes_nothing(empty_url: str) -> None:
    await connection.migrate(empty_url)
    await connection.connect(empty_url)
    await Facility.create(name="North", sort_key="north", time_zone="UTC")
    await connection.disconnect()
    await connection.migrate(empty_url)
    await connection.connect(empty_url)
    assert await Facility.all().values_list("name", flat=True) == ["North"]
    await connection.disconnect()


async def test_two_tasks_that_migrate_at_once_both_succeed(empty_url: str) -> None:
    await asyncio.gather(connection.migrate(empty_url), connection.migrate(empty_url))
    assert await connection.pending(empty_url) == []


async def test_three_processes_that_migrate_at_once_all_succeed(empty_url: str) -> None:
    program = f"import asyncio; from db import connection; asyncio.run(connection.migrate({empty_url!r}))"
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", program) for _ in range(3)]
    async with asyncio.timeout(60):
        assert [await process.wait() for process in started] == [0, 0, 0]
    assert await connection.pending(empty_url) == []


async def test_every_unique_index_of_the_models_is_in_the_database(database: str) -> None:
    table = "pg_indexes" if databases.POSTGRES else "sqlite_master WHERE type = 'index'"
    column = "indexname" if databases.POSTGRES else "name"
    found = await get_connection("default").execute_query_dict(f"SELECT {column} AS name FROM {table}")  # noqa: S608
    wanted = {unique.name for model in tables() for unique in unique_indexes(model)}
    assert len(wanted) == sum(len(unique_indexes(model)) for model in tables())
    assert wanted - {row["name"] for row in found} == set()


@pytest.mark.skipif(not databases.POSTGRES, reason="SQLite compares bytes whatever it is told")
async def test_sort_keys_are_compared_byte_by_byte(database: str) -> None:
    found = await get_connection("default").execute_query_dict(
        "SELECT table_name, collation_name FROM information_schema.columns WHERE column_name = 'sort_key'"
    )
    assert {row["collation_name"] for row in found} == {"C"}
    assert len(found) == sum("sort_key" in model._meta.fields_map for model in tables())


async def driver_threads_end() -> None:
    """aiosqlite's thread still talks to the loop after a connection that failed."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)


async def test_a_database_that_cannot_be_opened_is_not_said_to_be_behind() -> None:
    url = "postgres://nobody@127.0.0.1:9/none" if databases.POSTGRES else "sqlite:///nowhere/at/all.sqlite3"
    with pytest.raises(Exception, match=r"unable to open|refused|Connect call failed"):
        await connection.pending(url)
    with pytest.raises(Exception, match=r"unable to open|refused|Connect call failed"):
        await connection.connect(url)
    assert not await connection.healthy()
    await driver_threads_end()


async def test_a_connected_database_is_healthy(database: str) -> None:
    assert await connection.healthy()


@pytest.mark.skipif(bool(databases.POSTGRES), reason="SQLite's own settings")
async def test_sqlite_is_durable_checks_references_and_waits(empty_url: str) -> None:
    await connection.connect(empty_url)
    pragmas = {}
    for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous"):
        [row] = await get_connection("default").execute_query_dict(f"PRAGMA {name}")
        [pragmas[name]] = row.values()
    await connection.disconnect()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 1}


async def test_nothing_is_healthy_before_it_is_connected(database_url: str) -> None:
    assert not await connection.healthy()
    await connection.connect(database_url)
    await connection.disconnect()
    assert not await connection.healthy()
