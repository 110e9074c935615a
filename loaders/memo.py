"""Decoded facts of this process, so that 300,000 rows are decoded once and not per request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from loaders.entries import Entry
from loaders.keys import FactKey


class Memo:
    """Bounded by the size of the bytes the entries came from; the longest unused go first."""

    def __init__(self, limit: int = 128 * 1024 * 1024) -> None:
        self._entries: OrderedDict[FactKey, Entry] = OrderedDict()
        self._limit = limit
        self._total = 0

    def get(self, key: FactKey) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: FactKey, entry: Entry) -> None:
        self.drop(key)
        self._entries[key] = entry
        self._total += entry.size
        while self._total > self._limit and len(self._entries) > 1:
            self.drop(next(iter(self._entries)))

    def drop(self, key: FactKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._total -= entry.size

    def clear(self) -> None:
        self._entries.clear()
        self._total = 0

    def __iter__(self) -> Iterator[FactKey]:
        return iter(list(self._entries))
