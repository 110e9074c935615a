"""Long joins give the event loop back now and then, so that small answers do not wait behind large ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")
SLICE_SECONDS = 0.005


async def paced(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, with a pause for others whenever 5 ms have gone by."""
    until = time.perf_counter() + SLICE_SECONDS
    for item in items:
        yield item
        if time.perf_counter() >= until:
            await asyncio.sleep(0)
            until = time.perf_counter() + SLICE_SECONDS
