"""Single-flight across processes: who fetches a key, and how the others hear that it is there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection

from loaders.bus import Bus, News
from loaders.keys import FactKey
from loaders.store import Store

CLAIM_SECONDS = 60.0
"""After this a claim is nobody's: its process died, or its Canvas is slower than any answer is worth."""


Reload = Callable[[Collection[FactKey]], Awaitable[set[FactKey]]]
"""Takes what other processes have stored, and says of which keys there was something new."""


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

    async def wait(self, keys: Collection[FactKey], seconds: float, reload: Reload) -> set[FactKey]:
        """The keys that `reload` finds at once, or when there has been news of all of them, or after `seconds`.

        Quirk:  it listens before it looks: the news may have come before this process knew that it was to wait for them.
        """
        missing = {key.text for key in keys}
        moved = asyncio.Event()

        def hear(news: News) -> None:
            missing.difference_update(news.keys)
            moved.set()

        unlisten = self._bus.listen(hear)
        try:
            there = await reload(keys)
            missing.difference_update(key.text for key in there)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while missing:
                        moved.clear()
                        await moved.wait()
        finally:
            unlisten()
        return there | await reload([key for key in keys if key not in there])
