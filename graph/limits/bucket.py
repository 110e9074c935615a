"""A viewer's budget: a bucket of points that fills again with time, in this process or in Redis."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from loaders.redis_options import options
from settings import Settings

log = structlog.get_logger("limits")

_VIEWERS = 100_000
_REDIS_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Level:
    """After taking: how much that was, what is left, seconds until the bucket is full and until this take would do."""

    granted: bool
    taken: int
    remaining: int
    full_in: float
    enough_in: float


current: ContextVar[Level | None] = ContextVar("budget", default=None)
"""What the viewer of the operation that runs now holds."""


class Bucket(Protocol):
    """Points taken before an operation runs; what it did not use is given back."""

    capacity: int
    restore: int

    async def take(self, viewer: str, points: int) -> Level: ...

    def give_back(self, viewer: str, points: int) -> None: ...

    async def close(self) -> None: ...


class MemoryBucket:
    """For a single process, and for many of them while Redis is away. The longest unseen viewer is forgotten first."""

    def __init__(self, capacity: int, restore: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.capacity = capacity
        self.restore = restore
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, viewer: str, points: int) -> Level:
        held = self._fill(viewer)
        granted = held >= points
        self._keep(viewer, held - points if granted else held)
        return level(granted, held, points, self.capacity, self.restore)

    def give_back(self, viewer: str, points: int) -> None:
        self._keep(viewer, min(self.capacity, self._fill(viewer) + points))

    async def close(self) -> None:
        """Nothing is held open."""

    def _fill(self, viewer: str) -> float:
        now = self._clock()
        held, since = self._held.get(viewer, (float(self.capacity), now))
        return min(self.capacity, held + (now - since) * self.restore)

    def _keep(self, viewer: str, held: float) -> None:
        self._held[viewer] = (held, self._clock())
        self._held.move_to_end(viewer)
        if len(self._held) > _VIEWERS:
            self._held.popitem(last=False)


def level(granted: bool, held: float, points: int, capacity: int, restore: int) -> Level:
    """What to tell the client, from what was held before."""
    left = held - points if granted else held
    return Level(
        granted,
        points if granted else 0,
        math.floor(left),
        (capacity - left) / restore,
        max(0.0, (points - held) / restore),
    )


_TAKE = """
local capacity, restore, points, back = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local state = redis.call('HMGET', KEYS[1], 'held', 'since')
local held, since = tonumber(state[1]) or capacity, tonumber(state[2]) or now
held = math.min(capacity, held + math.max(0, now - since) * restore + back)
local granted = held >= points
local left = granted and held - points or held
redis.call('HSET', KEYS[1], 'held', tostring(left), 'since', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(capacity / restore) + 1)
return {granted and 1 or 0, tostring(held)}
"""


class RedisBucket:
    """For many processes. Points given back travel with the viewer's next take: one round trip per operation."""

    def __init__(self, redis: Redis, capacity: int, restore: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.capacity = capacity
        self.restore = restore
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._clock = clock
        self._spare = MemoryBucket(capacity, restore, clock)
        self._away_until = float("-inf")
        self._back: OrderedDict[str, int] = OrderedDict()

    async def take(self, viewer: str, points: int) -> Level:
        if self._clock() < self._away_until:
            return await self._spare.take(viewer, points)
        back = self._back.pop(viewer, 0)
        try:
            granted, held = await self._take(
                keys=[f"homeroom:budget:{_hidden(viewer)}"], args=[self.capacity, self.restore, points, back]
            )
        except (RedisError, OSError) as error:
            self._away_until = self._clock() + _REDIS_PAUSE
            log.warning("budgets are counted per process", error=type(error).__name__)
            return await self._spare.take(viewer, points)
        return level(bool(granted), float(held), points, self.capacity, self.restore)

    def give_back(self, viewer: str, points: int) -> None:
        self._spare.give_back(viewer, points)
        self._back[viewer] = self._back.get(viewer, 0) + points
        if len(self._back) > _VIEWERS:
            self._back.popitem(last=False)

    async def close(self) -> None:
        await self._redis.aclose()


def _hidden(viewer: str) -> str:
    """Redis holds no names."""
    return blake2b(viewer.encode(), digest_size=16).hexdigest()


def bucket_for(settings: Settings) -> Bucket:
    """In Redis where there is one: its address decides whether several processes share a viewer's budget."""
    if settings.redis_url is None:
        return MemoryBucket(settings.budget, settings.budget_restore)
    redis = Redis.from_url(settings.redis_url, **options(1))
    return RedisBucket(redis, settings.budget, settings.budget_restore)
