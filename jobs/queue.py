"""The queue of a single process: jobs run beside the answers, in this event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()
Job = Callable[[int], Awaitable[None]]


class LocalQueue:
    """`jobs` by name. A job that fails is logged; its row in the database says so too."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._jobs = jobs
        self._tasks: set[asyncio.Task[None]] = set()

    async def enqueue(self, job: str, key: int) -> None:
        task = asyncio.get_running_loop().create_task(self._run(job, key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: str, key: int) -> None:
        try:
            await self._jobs[job](key)
        except Exception:
            log.exception("job.failed", job=job, key=key)
