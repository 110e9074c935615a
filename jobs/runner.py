"""The runs that this process carries out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from functools import partial

from services.operation import Engine
from services.run import Handlers, Pace
from services.run_work import carry_out, lapsed


class Runner:
    """Runs side by side, `most` at a time; those beyond wait their turn in this process."""

    def __init__(self, engine: Engine, handlers: Handlers, pace: Pace, most: int = 4) -> None:
        self.pace = pace
        self._engine = engine
        self._handlers = handlers
        self._turns = asyncio.Semaphore(most)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def run(self, key: int) -> None:
        """Carry one run out and wait for it, whoever asks and however often."""
        await asyncio.wait({self._begin(key)})

    async def take_up(self) -> Sequence[int]:
        """Begin what nobody carries out: runs whose process died and runs whose message got lost."""
        found = [key for key in await lapsed(self._engine, self.pace) if key not in self._tasks]
        for key in found:
            self._begin(key)
        return found

    async def close(self, grace: float = 0.0) -> None:
        """Give what is under way `grace` seconds to end, and the rest back."""
        tasks = list(self._tasks.values())
        if tasks and grace:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, key: int) -> asyncio.Task[None]:
        if key not in self._tasks:
            # In a context of its own: who asked must not be billed for its calls, nor be inside its transactions.
            task = asyncio.create_task(self._one(key), name=f"run-{key}", context=Context())
            self._tasks[key] = task
            task.add_done_callback(partial(self._ended, key))
        return self._tasks[key]

    def _ended(self, key: int, _: asyncio.Task[None]) -> None:
        del self._tasks[key]

    async def _one(self, key: int) -> None:
        async with self._turns:
            await carry_out(self._engine, key, self._handlers, self.pace)
