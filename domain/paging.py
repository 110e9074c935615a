"""Keyset pages over lists that may come from several sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")
Key = tuple[str, str]
"""(sort key, id text): a total order, stable while rows come and go."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first` rows after the cursor's key (from the start when None), in the order asked for."""

    first: int
    after: Key | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One slice of a list. `keys` stand beside `rows`; `total` is None where the whole list is not in hand."""

    rows: Sequence[T]
    keys: Sequence[Key]
    has_next: bool
    has_previous: bool
    total: int | None

    def map(self, transform: Callable[[Sequence[T]], Sequence[U]]) -> Page[U]:
        """The same page of what `transform` makes of its rows, one for one."""
        return Page(transform(self.rows), self.keys, self.has_next, self.has_previous, self.total)

    def of_known(self, *, complete: bool) -> Page[T]:
        """The same page of a list that is, or is not, in hand as a whole; else nobody knows its total (W-09)."""
        return self if complete else replace(self, total=None)


def cut(rows: Sequence[T], key: Callable[[T], Key], request: PageRequest) -> Page[T]:
    """Sort all of `rows` and take the page. Rows must be distinct under `key`."""
    pairs = sorted(((key(row), row) for row in rows), key=lambda pair: pair[0], reverse=request.descending)
    start = _start([k for k, _ in pairs], request)
    page = pairs[start : start + request.first]
    return Page(
        rows=[row for _, row in page],
        keys=[k for k, _ in page],
        has_next=start + len(page) < len(pairs),
        has_previous=start > 0,
        total=len(pairs),
    )


def _start(keys: Sequence[Key], request: PageRequest) -> int:
    if request.after is None:
        return 0
    after = request.after
    for index, key in enumerate(keys):
        if key < after if request.descending else key > after:
            return index
    return len(keys)
