"""Where encoded facts are kept: aiocache's memory, bounded here, or Redis, which may go away without harm."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from aiocache import RedisCache, SimpleMemoryCache
from aiocache.serializers import NullSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

AWAY = (RedisError, OSError, TimeoutError)
"""What a Redis that is not there raises."""


class Store(Protocol):
    """Bytes by key. Nothing here raises: a store that is away has nothing and keeps nothing.

    `shared`: other processes read and write it too.
    """

    shared: bool

    async def get(self, keys: Sequence[str]) -> list[bytes | None]: ...

    async def put(self, entries: Mapping[str, bytes], seconds: float) -> None: ...

    async def drop(self, keys: Sequence[str]) -> None: ...

    async def claim(self, keys: Sequence[str], seconds: float) -> set[str]: ...

    async def release(self, keys: Sequence[str]) -> None: ...

    async def healthy(self) -> bool: ...


class MemoryStore:
    """One process's own, bounded in bytes; the longest unused go first (the fact table still has them)."""

    shared = False

    def __init__(self, limit: int = 256 * 1024 * 1024) -> None:
        self._cache = SimpleMemoryCache(serializer=NullSerializer())
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._limit = limit
        self._total = 0

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        values: list[bytes | None] = await self._cache.multi_get(keys)
        for key, value in zip(keys, values, strict=True):
            if value is not None and key in self._sizes:
                self._sizes.move_to_end(key)
        return values

    async def put(self, entries: Mapping[str, bytes], seconds: float) -> None:
        for key, value in entries.items():
            await self._cache.set(key, value, ttl=seconds)
            self._total += len(value) - self._sizes.pop(key, 0)
            self._sizes[key] = len(value)
        while self._total > self._limit and self._sizes:
            await self.drop([next(iter(self._sizes))])

    async def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._cache.delete(key)
            self._total -= self._sizes.pop(key, 0)

    async def claim(self, keys: Sequence[str], seconds: float) -> set[str]:  # noqa: ARG002  nobody else to wait for
        return set(keys)

    async def release(self, keys: Sequence[str]) -> None:
        """Nobody else waits."""

    async def healthy(self) -> bool:
        return True


class RedisStore:
    """Shared by all processes. `claim` is what makes single-flight hold across them."""

    shared = True

    def __init__(self, client: Redis) -> None:
        self._cache = RedisCache(serializer=NullSerializer(encoding=None))
        self._cache.client = client
        self._client = client

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        try:
            values: list[bytes | None] = await self._cache.multi_get(keys) if keys else []
        except AWAY:
            self._away("get")
            return [None] * len(keys)
        return values

    async def put(self, entries: Mapping[str, bytes], seconds: float) -> None:
        try:
            if entries:
                await self._cache.multi_set(list(entries.items()), ttl=float(seconds))
        except AWAY:
            self._away("put")

    async def drop(self, keys: Sequence[str]) -> None:
        try:
            if keys:
                await self._client.delete(*keys)
        except AWAY:
            self._away("drop")

    async def claim(self, keys: Sequence[str], seconds: float) -> set[str]:
        """The keys that nobody else has claimed; all of them while Redis is away."""
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for key in keys:
                    pipeline.set(f"claim:{key}", b"1", nx=True, px=int(seconds * 1000))
                claimed = await pipeline.execute()
        except AWAY:
            self._away("claim")
            return set(keys)
        return {key for key, won in zip(keys, claimed, strict=True) if won}

    async def release(self, keys: Sequence[str]) -> None:
        await self.drop([f"claim:{key}" for key in keys])

    async def healthy(self) -> bool:
        try:
            return bool(await self._client.ping())
        except AWAY:
            return False

    def _away(self, operation: str) -> None:
        log.warning("redis.away", operation=operation)
