"""How long the event loop is held in one go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Turns:
    """`longest`: seconds of this thread's own work between two turns; what else runs on the machine does not count."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self, pause: float) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(pause)
            self.longest = max(self.longest, time.thread_time() - before)


@asynccontextmanager
async def watched(pause: float = 0.001) -> AsyncIterator[Turns]:
    """Watch the loop while this is open; with a `pause` of 0 seconds at each of its turns."""
    turns = Turns()
    watching = asyncio.create_task(turns.watch(pause))
    await asyncio.sleep(0)
    try:
        yield turns
        await asyncio.sleep(2 * pause)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
