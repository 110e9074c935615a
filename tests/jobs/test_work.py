"""From a mutation to a finished run, with the broker of these settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from db.models import SyncRun
from db.sealing import new_key
from domain import footprint
from domain.enums import SyncKind, SyncState
from domain.scope import SYSTEM
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from jobs.runner import Runner
from jobs.work import BETWEEN_TRIES, working
from services import engine as engines
from services.operation import Engine, begin
from services.run import Handlers, Pace, Run
from services.runs import Asked, start, updates
from settings import Settings
from tests.support import caches
from tests.support.caches import REDIS

PACE = Pace(lease=2, beat=0.5, sweep=0.3, told=0)
UNSWEPT = replace(PACE, sweep=600)
"""Nothing but a message brings a run to somebody."""


@asynccontextmanager
async def process(
    handlers: Handlers, redis: str | None = None, *, listens: bool = False, pace: Pace = PACE
) -> AsyncIterator[tuple[Engine, Runner]]:
    """One process over the open database, at a quicker pace."""
    settings = Settings(secret_key=SecretStr(new_key()), redis_url=redis)
    broker = broker_of(settings)
    async with (
        engines.running(settings, TaskiqQueue(broker)) as engine,
        working(engine, broker, listens=listens, handlers=handlers, pace=pace) as runner,
    ):
        yield engine, runner


async def ended(run_id: int) -> SyncRun:
    for _ in range(200):
        row = await SyncRun.get(id=run_id)
        if row.finished_at is not None:
            return row
        await asyncio.sleep(0.05)
    raise AssertionError(row.state)


async def count(run: Run) -> None:
    await run.step("counting", 1)
    run.count(created=1)


@pytest.mark.usefixtures("database")
async def test_one_process_carries_its_own_runs_out(caplog: pytest.LogCaptureFixture) -> None:
    async with process({SyncKind.MATCH: count}) as (engine, _):
        ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
        row = await ended(ref.id)
    assert (row.state, row.created, row.attempts) == (SyncState.SUCCEEDED, 1, 1)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.usefixtures("database")
async def test_a_run_is_not_billed_to_the_operation_that_asked_for_it() -> None:
    found: list[footprint.Footprint | None] = []

    async def look(_: Run) -> None:
        found.append(footprint._current.get())

    async with process({SyncKind.MATCH: look}) as (engine, _):
        mine = footprint.Footprint(most_live=1)
        footprint.step_into(mine)
        ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
        await ended(ref.id)
    assert len(found) == 1
    assert found[0] is not mine


@pytest.mark.usefixtures("database")
async def test_subscribers_hear_of_a_run_to_its_end() -> None:
    go = asyncio.Event()

    async def work(run: Run) -> None:
        await go.wait()
        await run.step("one", 2)
        await run.advance()

    heard = []
    async with process({SyncKind.MATCH: work}) as (engine, _):
        op = begin(engine, SYSTEM)
        ref = await start(op, Asked(SyncKind.MATCH), "match")
        async with asyncio.timeout(5):
            async for row in updates(op, ref):
                heard.append(row)
                go.set()
    assert heard[-1].state == SyncState.SUCCEEDED
    assert heard[-1].step == "one"
    assert len(heard) >= 2


@pytest.mark.usefixtures("database")
async def test_leaving_in_order_gives_a_run_to_the_next_process() -> None:
    entered, finished = asyncio.Event(), []

    async def work(run: Run) -> None:
        entered.set()
        if not finished:
            await asyncio.sleep(30)

    async with process({SyncKind.MATCH: work}) as (engine, _):
        ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
        await asyncio.wait_for(entered.wait(), 5)
    row = await SyncRun.get(id=ref.id)
    assert (row.state, row.attempts, row.lease_token) == (SyncState.QUEUED, 0, None)
    finished.append(True)
    async with process({SyncKind.MATCH: work}):
        row = await ended(ref.id)
    assert (row.state, row.attempts) == (SyncState.SUCCEEDED, 1)


@pytest.mark.skipif(REDIS is None, reason="needs a Redis (HOMEROOM_TEST_REDIS_URL)")
@pytest.mark.usefixtures("database")
async def test_a_worker_takes_the_message_of_another_process(redis: str) -> None:
    done = []

    async def here(run: Run) -> None:
        done.append("worker")

    async def elsewhere(_: Run) -> None:
        done.append("api")

    async with (
        process({SyncKind.MATCH: here}, redis, listens=True, pace=UNSWEPT),
        process({SyncKind.MATCH: elsewhere}, redis, pace=UNSWEPT) as (engine, _),
    ):
        ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
        row = await ended(ref.id)
    assert (row.state, done) == (SyncState.SUCCEEDED, ["worker"])


@pytest.mark.skipif(REDIS is None, reason="needs a Redis (HOMEROOM_TEST_REDIS_URL)")
@pytest.mark.usefixtures("database")
async def test_a_worker_goes_on_listening_to_a_redis_that_has_forgotten_everything(
    redis: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As one without a disk has after a restart: the stream's group is gone."""
    async with process({SyncKind.MATCH: count}, redis, listens=True, pace=UNSWEPT) as (engine, _):
        for _ in range(2):
            ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
            assert (await ended(ref.id)).state == SyncState.SUCCEEDED
            await caches.flushed(str(REDIS))
            await asyncio.sleep(BETWEEN_TRIES + 0.5)
    assert len(caplog.records) < 40


@pytest.mark.usefixtures("database")
async def test_a_broker_that_is_away_costs_time_and_not_the_run() -> None:
    async with process({SyncKind.MATCH: count}, "redis://127.0.0.1:1/0") as (engine, _):
        ref = await start(begin(engine, SYSTEM), Asked(SyncKind.MATCH), "match")
        row = await ended(ref.id)
    assert row.state == SyncState.SUCCEEDED
