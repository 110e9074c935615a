"""Background work of one process: broker, runner and clock, started and ended together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from redis.exceptions import RedisError
from taskiq import AsyncBroker, InMemoryBroker
from taskiq.receiver import Receiver

from jobs.runner import Runner
from jobs.schedule import keep_time
from services.link_names import follow
from services.operation import Engine
from services.run import Handlers, Pace
from services.run_kinds import HANDLERS, start_nightly
from services.runs import JOB
from services.teams.nightly import Night

log = structlog.get_logger()
GRACE = 10.0
BETWEEN_TRIES = 2.0
NIGHT = Night()


@asynccontextmanager
async def working(
    engine: Engine,
    broker: AsyncBroker,
    *,
    listens: bool = False,
    handlers: Handlers = HANDLERS,
    pace: Pace | None = None,
    night: Night = NIGHT,
) -> AsyncIterator[Runner]:
    """Carry jobs out while this is open. `listens`: take them from Redis, as workers do; memory always delivers."""
    runner = Runner(engine, handlers, pace or Pace())

    async def run(key: int) -> None:
        await runner.run(key)

    broker.register_task(run, task_name=JOB)
    async with AsyncExitStack() as stack:
        if not await _reach(broker):
            log.warning("jobs.broker_away")
        stack.push_async_callback(broker.shutdown)
        stack.push_async_callback(runner.close, GRACE if listens else 0.0)
        clock = keep_time(runner, partial(start_nightly, engine, night))
        stack.push_async_callback(_end, asyncio.create_task(clock, name="schedule"))
        stack.push_async_callback(_end, asyncio.create_task(follow(engine), name="link-names"))
        if listens and not isinstance(broker, InMemoryBroker):
            stack.push_async_callback(_end, asyncio.create_task(_receive(broker), name="receiver"))
        yield runner


async def _reach(broker: AsyncBroker) -> bool:
    """Without its broker a process works all the same: its own sweep finds every run."""
    try:
        await broker.startup()
    except (RedisError, OSError):
        return False
    return True


async def _receive(broker: AsyncBroker) -> None:
    """Listen for ever. A Redis that was started anew has forgotten the stream's group: each try makes it again."""
    broker.is_worker_process = True
    away = False
    while True:
        if await _reach(broker):
            if away:
                log.info("jobs.broker_back")
            away = False
            try:
                await Receiver(broker, run_startup=False, max_async_tasks=4).listen(asyncio.Event())
            except Exception as error:  # noqa: BLE001  whatever ended it, listening begins again
                log.warning("jobs.listening_ended", error=type(error).__name__)
        elif not away:
            log.warning("jobs.broker_away")
            away = True
        await asyncio.sleep(BETWEEN_TRIES)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
