from __future__ import annotations

import asyncio
import sqlite3
from urllib.parse import urlsplit

import pytest

from db.models import Facility, SchoolClass
from db.transactions import atomic, lock
from tests import factories as make
from tests.support import databases


class StopError(Exception):
    pass


async def add_and_fail(name: str) -> None:
    async with atomic():
        await make.facility(name=name)
        raise StopError


async def test_a_failure_undoes_the_whole_transaction(database: str) -> None:
    async def outer() -> None:
        async with atomic():
            async with atomic():
                await make.facility()
            await add_and_fail("lost")

    with pytest.raises(StopError):
        await outer()
    assert await Facility.all().count() == 0


async def test_an_inner_failure_undoes_the_inner_part_only(database: str) -> None:
    async with atomic():
        await make.facility(name="kept")
        with pytest.raises(StopError):
            await add_and_fail("lost")
    assert await Facility.all().values_list("name", flat=True) == ["kept"]


async def test_no_update_is_lost_among_fifty_at_once(database: str) -> None:
    row = await make.school_class(capacity=0)

    async def add_one() -> None:
        async with atomic():
            found = await lock(SchoolClass.filter(id=row.id)).get()
            await SchoolClass.filter(id=row.id).update(capacity=(found.capacity or 0) + 1)

    async with asyncio.timeout(30):
        await asyncio.gather(*(add_one() for _ in range(50)))
    assert (await SchoolClass.get(id=row.id)).capacity == 50


@pytest.mark.skipif(bool(databases.POSTGRES), reason="PostgreSQL locks rows")
async def test_a_transaction_waits_for_another_process_instead_of_failing_half_way(database: str) -> None:
    await make.facility(name="before")
    other = sqlite3.connect(urlsplit(database).path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE facility SET name = 'meanwhile'")
    seen: list[str] = []

    async def read_then_write() -> None:
        async with atomic():
            seen.extend([row.name for row in await Facility.all()])
            await Facility.all().update(name="after")

    task = asyncio.create_task(read_then_write())
    await asyncio.sleep(0.1)
    assert seen == []
    other.execute("COMMIT")
    other.close()
    await asyncio.wait_for(task, 10)
    assert seen == ["meanwhile"]
    assert await Facility.all().values_list("name", flat=True) == ["after"]
