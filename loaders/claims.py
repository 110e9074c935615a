"""Single-flight across processes: who fetches a key, and how the others hear that it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from loaders.bus import Bus, News
from loaders.keys import FactKey
from loaders.store import Store

CLAIM_SECONDS = 60.0
"""After this a claim is nobody's: its process died, or its Canvas is slower than any answer is worth."""


class Claims:
    """`take` before fetching, `release` after the news is out; `wait` for what another process has taken."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    async def take(self, keys: Collection[FactKey]) -> list[FactKey]:
        """The keys that are this process's to fetch, in the order given."""
        mine = await self._store.claim([key.text for key in keys], CLAIM_SECONDS)
        return [key for key in keys if key.text in mine]

    async def release(self, keys: Collection[FactKey]) -> None:
        """Let the next fetch of these keys begin."""
        await self._store.release([key.text for key in keys])

    async def wait(self, keys: Collection[FactKey], seconds: float) -> None:
        """Return when there has been news of all keys, or after `seconds`."""
        missing = {key.text for key in keys}
        done = asyncio.Event()

        def hear(news: News) -> None:
            missing.difference_update(news.keys)
            if not missing:
                done.set()

        unlisten = self._bus.listen(hear)
        try:
            async with asyncio.timeout(seconds):
                await done.wait()
        except TimeoutError:
            return
        finally:
            unlisten()
