"""How many requests one access key has in flight: Canvas charges each of them 50 of 600 units in advance."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from canvas.calls import Kind
from canvas.retry import Timing

NARROW_BELOW = 150.0
WIDE_ABOVE = 300.0


class Limiter(Protocol):
    """One per access key. Whoever holds a slot may have one request in flight."""

    def slot(self, kind: Kind) -> AbstractAsyncContextManager[None]: ...

    async def observe(self, remaining: float | None) -> None:
        """Learn from an answer's `X-Rate-Limit-Remaining`, None where it had none."""

    async def throttled(self, pause: float) -> None:
        """Canvas refused for load: nothing is sent for `pause` seconds, then one at a time."""


@dataclass(frozen=True, slots=True)
class Width:
    """Slots in all, and how many of them GraphQL may have."""

    total: int
    graphql: int

    def of(self, kind: Kind) -> int:
        return self.graphql if kind == "graphql" else self.total


class LocalLimiter:
    """First come, first served among those that may go; a waiter that is cancelled leaves the queue."""

    def __init__(self, width: Width, timing: Timing) -> None:
        self._width = width
        self._timing = timing
        self._flying: dict[Kind, int] = {"rest": 0, "graphql": 0}
        self._queue: deque[tuple[Kind, asyncio.Future[None]]] = deque()
        self._now = width.total
        self._paused_until = 0.0

    @property
    def in_flight(self) -> int:
        return sum(self._flying.values())

    @property
    def narrow(self) -> bool:
        return self._now < self._width.total

    @asynccontextmanager
    async def slot(self, kind: Kind) -> AsyncIterator[None]:
        """Wait for a turn and for the end of a pause.

        Units:  one request; FIFO, except that GraphQL over its share does not hold up REST.
        """
        await self._enter(kind)
        try:
            while (pause := self._paused_until - self._timing.clock()) > 0:
                await self._timing.sleep(pause)
            yield
        finally:
            self._flying[kind] -= 1
            self._wake()

    async def observe(self, remaining: float | None) -> None:
        """Narrow to 1 under 150 units left, widen again over 300; without the header widen one by one."""
        if remaining is None:
            self._now = min(self._now + 1, self._width.total)
        elif remaining < NARROW_BELOW:
            self._now = 1
        elif remaining > WIDE_ABOVE:
            self._now = self._width.total
        self._wake()

    async def throttled(self, pause: float) -> None:
        self._now = 1
        self._paused_until = max(self._paused_until, self._timing.clock() + pause)

    async def _enter(self, kind: Kind) -> None:
        if not self._queue and self._may(kind):
            self._flying[kind] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((kind, turn))
        self._wake()
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(kind, turn)
            raise

    def _leave(self, kind: Kind, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self._flying[kind] -= 1
        else:
            self._queue = deque(waiter for waiter in self._queue if waiter[1] is not turn)
        self._wake()

    def _may(self, kind: Kind) -> bool:
        if self.in_flight >= self._now:
            return False
        return kind == "rest" or self._flying["graphql"] < self._width.graphql

    def _wake(self) -> None:
        passed_over: list[tuple[Kind, asyncio.Future[None]]] = []
        while self._queue and self.in_flight < self._now:
            kind, turn = self._queue.popleft()
            if turn.done():
                continue
            if self._may(kind):
                self._flying[kind] += 1
                turn.set_result(None)
            else:
                passed_over.append((kind, turn))
        self._queue.extendleft(reversed(passed_over))
