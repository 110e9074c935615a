"""Things that one operation works out once, however many of its fields need them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class OncePer(Generic[K, T]):
    """The value of `work(key)`, worked out by whoever asks first while the others wait. Failures are not kept."""

    def __init__(self, work: Callable[[K], Awaitable[T]]) -> None:
        self._work = work
        self._values: dict[K, T] = {}
        self._locks: dict[K, asyncio.Lock] = {}

    async def __call__(self, key: K) -> T:
        if key not in self._values:
            async with self._locks.setdefault(key, asyncio.Lock()):
                if key not in self._values:
                    self._values[key] = await self._work(key)
        return self._values[key]

    def forget(self) -> None:
        """Work everything out anew: something was written."""
        self._values.clear()
