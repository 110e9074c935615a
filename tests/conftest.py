"""What every test may ask for: an empty database, an empty Redis, and no way out of this machine."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from db import connection
from graph.app import calm_collector
from tests.support import caches, databases
from tests.support.house import House
from tests.support.house import house as open_house
from tests.support.network import loopback_only
from tests.support.statements import Statements, counted


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback_only(monkeypatch)


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | Path]:
    """The URL of this process's PostgreSQL database, or a SQLite file to copy."""
    if not databases.POSTGRES:
        yield databases.sqlite_template(tmp_path_factory.mktemp("database"))
        return
    with databases.postgres_database(databases.POSTGRES) as url:
        asyncio.run(connection.migrate(url))
        yield url


@pytest_asyncio.fixture
async def database_url(_migrated: str | Path, tmp_path: Path) -> str:
    """A migrated, empty database that nothing has opened yet."""
    if isinstance(_migrated, Path):
        return databases.sqlite_copy(_migrated, tmp_path)
    await databases.empty(_migrated)
    return _migrated


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The same, connected for the length of the test."""
    await connection.connect(database_url)
    yield database_url
    await connection.disconnect()


@pytest_asyncio.fixture
async def redis() -> str | None:
    """The address of an empty Redis where `HOMEROOM_TEST_REDIS_URL` is set."""
    return await caches.flushed(caches.REDIS) if caches.REDIS else None


@pytest_asyncio.fixture
async def house(database: str, redis: str | None) -> AsyncIterator[House]:
    """A whole homeroom over an empty database, with room for stand-in Canvases."""
    async with open_house(redis, cold_wait_seconds=60) as opened:  # A busy machine is not a slow Canvas.
        yield opened


@pytest.fixture
def calm() -> Iterator[None]:
    """The collector as the API has it: what the tests before left in this process would be looked through for a second."""
    usual = gc.get_threshold()
    calm_collector()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture
def statements() -> Iterator[Statements]:
    """What the database is given from now on."""
    with counted() as statements:
        yield statements
