"""The database's own word for whether anything has changed (answers and viewers are remembered by it)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from db.models import Facility
from db.transactions import atomic
from db.versions import PostgresVersions, SqliteVersions, Versions, versions_of
from tests import factories
from tests.support.databases import POSTGRES


@pytest_asyncio.fixture
async def versions(database: str) -> AsyncIterator[Versions]:
    opened = versions_of(database)
    yield opened
    await opened.close()


async def changed(versions: Versions, before: str | None) -> bool:
    after = await versions.current()
    assert before is not None
    assert after is not None
    return after != before


async def test_reading_changes_nothing(versions: Versions) -> None:
    before = await versions.current()
    assert await Facility.all().count() == 0
    assert not await changed(versions, before)


async def test_every_kind_of_write_changes_it(versions: Versions) -> None:
    before = await versions.current()
    row = await factories.facility()
    assert await changed(versions, before)

    before = await versions.current()
    await Facility.filter(id=row.id).update(name="Elsewhere")
    assert await changed(versions, before)

    before = await versions.current()
    await Facility.bulk_create([Facility(name="A", sort_key="a", time_zone="UTC")])
    assert await changed(versions, before)

    before = await versions.current()
    await Facility.filter(name="A").delete()
    assert await changed(versions, before)


async def test_a_transaction_changes_it_when_it_is_over_and_not_before(versions: Versions) -> None:
    row = await factories.facility()
    async with atomic():
        await Facility.filter(id=row.id).update(name="Elsewhere")
        during = await versions.current()
        assert not await changed(versions, during)
    assert await changed(versions, during)


async def test_many_who_ask_at_once_are_all_told(versions: Versions) -> None:
    before = await versions.current()
    assert await asyncio.gather(*(versions.current() for _ in range(20))) == [before] * 20
    await factories.facility()
    assert len({before, *await asyncio.gather(*(versions.current() for _ in range(20)))}) == 2


async def test_a_database_that_cannot_be_asked_has_no_version(tmp_path: Path) -> None:
    missing = SqliteVersions(tmp_path / "missing.sqlite3")
    assert await missing.current() is None
    assert not (tmp_path / "missing.sqlite3").exists()
    nobody = PostgresVersions("postgres://nobody@127.0.0.1:1/none")
    assert await nobody.current() is None
    await nobody.close()


async def test_a_new_connection_never_answers_as_the_old_one_did(database: str) -> None:
    if not POSTGRES:
        return
    versions = PostgresVersions(database)
    before = await versions.current()
    await versions.close()
    assert await changed(versions, before)
    await versions.close()
