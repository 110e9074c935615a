"""A cache over a Canvas that a test plays itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from canvas.client import Canvas
from domain.errors import UpstreamError
from domain.facts import Account
from loaders.bus import Bus, LocalBus, RedisBus
from loaders.cache import FactCache
from loaders.entries import Lifetimes
from loaders.keys import Fetched, Kind
from loaders.store import MemoryStore, RedisStore, Store
from loaders.table import FactTable
from tests.support.house import Clock

LIFETIMES = Lifetimes(
    fresh=timedelta(minutes=5), stale=timedelta(days=7), cold_wait=timedelta(seconds=2), failure=timedelta(seconds=15)
)


class Upstream:
    """Answers `name` for every id, or `error`; while `open` is not set, nothing. `asked` has the ids of each call."""

    def __init__(self) -> None:
        self.name = "first"
        self.error: Exception | None = None
        self.errors: dict[str, UpstreamError] = {}
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[list[str]] = []
        self.kind = Kind("account", Account, 50, self._fetch)

    async def _fetch(self, _: Canvas, ids: Sequence[str]) -> Fetched[Account]:
        self.asked.append(list(ids))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return {id: self.errors.get(id) or Account(id, self.name, None) for id in ids}


@asynccontextmanager
async def cache(clock: Clock, redis_url: str | None = None, **lifetimes: float) -> AsyncIterator[FactCache]:
    """One process's cache. `lifetimes` in seconds replace those of D-05."""
    chosen = {name: timedelta(seconds=seconds) for name, seconds in lifetimes.items()}
    redis: Redis | None = Redis.from_url(redis_url) if redis_url else None
    store: Store = RedisStore(redis) if redis else MemoryStore()
    bus: Bus = RedisBus(redis, f"process {id(redis)}") if redis else LocalBus()
    await bus.start()
    facts = FactCache(store, FactTable(), bus, _canvas_of, _lifetimes(chosen), clock)
    try:
        yield facts
    finally:
        await facts.close()
        await bus.stop()
        if redis is not None:
            await redis.aclose()


def _lifetimes(changes: dict[str, timedelta]) -> Lifetimes:
    known = {name: getattr(LIFETIMES, name) for name in ("fresh", "stale", "cold_wait", "failure")}
    return Lifetimes(**{**known, **changes})


async def _canvas_of(_: int) -> Any:
    return None


async def settled(done: Any) -> None:
    """Wait until `done()` is true."""
    async with asyncio.timeout(5):
        while not done():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)
