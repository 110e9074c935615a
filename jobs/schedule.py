"""What happens by the clock, in every process: it asks the database, so it does not matter how many of them do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from db.failures import UNANSWERED
from jobs.runner import Runner

log = structlog.get_logger()
Nightly = Callable[[], Awaitable[None]]


async def keep_time(runner: Runner, nightly: Nightly) -> None:
    """Until cancelled: take up what lapsed, and start what is due tonight.

    taskiq's own scheduler wants to be alone; the unique index of a night's runs lets any number of processes try.
    """
    while True:
        await asyncio.sleep(runner.pace.sweep * random.uniform(0.8, 1.0))  # noqa: S311  spreads processes, no secret
        for due in (runner.take_up, nightly):
            try:
                await due()
            except UNANSWERED:
                log.warning("jobs.schedule_failed", due=due.__name__)
