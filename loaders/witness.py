"""The facts as one operation sees them, and what it saw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from domain.enums import SourceState
from domain.freshness import Reading
from loaders.cache import FactCache
from loaders.entries import Lifetimes
from loaders.keys import Kind

T = TypeVar("T")
_UNSETTLED = (SourceState.LOADING, SourceState.FAILED)


class Witness:
    """Reads for one operation. `sources` are the kinds of facts it looked at; `settled`: all of them were there."""

    def __init__(self, facts: FactCache) -> None:
        self._facts = facts
        self.lifetimes: Lifetimes = facts.lifetimes
        self.derived = facts.derived
        self.sources: set[tuple[int, str]] = set()
        self.settled = True

    async def read(self, kind: Kind[T], provider: int, ids: Iterable[str]) -> dict[str, Reading[T]]:
        """As `FactCache.read`."""
        self.sources.add((provider, kind.name))
        return self._seen(await self._facts.read(kind, provider, ids))

    def peek(self, kind: Kind[T], provider: int, ids: Iterable[str]) -> dict[str, Reading[T]]:
        """As `FactCache.peek`."""
        self.sources.add((provider, kind.name))
        return self._seen(self._facts.peek(kind, provider, ids))

    def _seen(self, readings: dict[str, Reading[T]]) -> dict[str, Reading[T]]:
        if self.settled:
            self.settled = not any(reading.freshness.state in _UNSETTLED for reading in readings.values())
        return readings
