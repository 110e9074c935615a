"""Which facts there are, how each is fetched, and what it is called in the cache."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from canvas.client import Canvas
from domain.errors import UpstreamError

T = TypeVar("T")
Fetched = Mapping[str, T | UpstreamError]


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """`fetch` answers every id it is given, with the fact or with why not; it is given `batch` ids at most.

    Where there is a `group`, it is given ids of one group only.
    """

    name: str
    type: type[T]
    batch: int
    fetch: Callable[[Canvas, Sequence[str]], Awaitable[Fetched[T]]]
    group: Callable[[str], str] | None = None

    def batches(self, keys: Sequence[FactKey]) -> list[list[FactKey]]:
        """The keys as they are fetched together."""
        groups: defaultdict[str, list[FactKey]] = defaultdict(list)
        for key in keys:
            groups[self.group(key.id) if self.group else ""].append(key)
        return [found[at : at + self.batch] for found in groups.values() for at in range(0, len(found), self.batch)]


@dataclass(frozen=True, slots=True)
class FactKey:
    """`text` is the cache key. It holds no viewer and no facility (behaviours D-04)."""

    provider: int
    kind: str
    id: str

    @property
    def text(self) -> str:
        return f"v1:{self.provider}:{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> FactKey:
        """The key of a text that `text` made."""
        _, provider, kind, id = text.split(":", 3)
        return cls(int(provider), kind, id)
