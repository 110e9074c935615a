"""Background work of one process: broker, runner and clock, started and ended together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.api import run_receiver_task

from jobs.runner import Runner
from jobs.schedule import keep_time
from services.operation import Engine
from services.run import Handlers, Pace
from services.run_kinds import HANDLERS, start_nightly
from services.runs import JOB

GRACE = 10.0


@asynccontextmanager
async def working(
    engine: Engine,
    broker: AsyncBroker,
    *,
    listens: bool = False,
    handlers: Handlers = HANDLERS,
    pace: Pace | None = None,
    nightly_hour: int = 2,
) -> AsyncIterator[Runner]:
    """Carry jobs out while this is open. `listens`: take them from Redis, as workers do; memory always delivers."""
    runner = Runner(engine, handlers, pace or Pace())

    async def run(key: int) -> None:
        await runner.run(key)

    broker.register_task(run, task_name=JOB)
    async with AsyncExitStack() as stack:
        await broker.startup()
        stack.push_async_callback(broker.shutdown)
        stack.push_async_callback(runner.close, GRACE if listens else 0.0)
        clock = keep_time(runner, partial(start_nightly, engine, nightly_hour))
        stack.push_async_callback(_end, asyncio.create_task(clock, name="schedule"))
        if listens and not isinstance(broker, InMemoryBroker):
            receiving = run_receiver_task(broker, max_async_tasks=4)
            stack.push_async_callback(_end, asyncio.create_task(receiving, name="receiver"))
        yield runner


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
