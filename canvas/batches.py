"""Many ids through few GraphQL requests: a batch that is too much for Canvas is halved, what keeps failing is given up."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from canvas.client import side_by_side
from canvas.errors import CircuitOpen, GraphqlUnavailable, ServerFault
from canvas.graphql import TOO_LARGE
from domain.errors import UpstreamBlocked, UpstreamCredentials, UpstreamError, UpstreamRejected, UpstreamTimeout

T = TypeVar("T")
Fetch = Callable[[list[str]], Awaitable[Mapping[str, T | UpstreamError]]]

LANES = 3
MOST_FAILURES = 12
_WHOLE = (UpstreamCredentials, UpstreamBlocked, GraphqlUnavailable, CircuitOpen)


class Batches(Generic[T]):
    """Runs `fetch` over ids in batches of at most `size`, three at a time.

    Shape:  one answer or error per id.
    Quirk:  after a batch that timed out, broke or was refused for its size, all later ones are half as large; a single
            id that broke Canvas is asked for once more, last; after twelve
            failures in a row without a success nothing more is sent.
    Errors: what concerns the whole Canvas (key, address, no GraphQL, open circuit) is raised.
    """

    def __init__(self, fetch: Fetch[T], ids: Iterable[str], size: int) -> None:
        self._fetch = fetch
        self._waiting = deque(dict.fromkeys(ids))
        self._size = size
        self._failures = 0
        self._alone: set[str] = set()
        self._answers: dict[str, T | UpstreamError] = {}

    async def run(self) -> dict[str, T | UpstreamError]:
        lanes = min(LANES, -(-len(self._waiting) // self._size))
        await side_by_side(self._lane() for _ in range(lanes))
        return self._answers

    async def _lane(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
            try:
                self._answers.update(await self._fetch(batch))
                self._failures = 0
            except _WHOLE:
                raise
            except UpstreamError as error:
                self._failed(batch, error)

    def _failed(self, batch: list[str], error: UpstreamError) -> None:
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            batch += self._waiting
            self._waiting.clear()
        elif len(batch) > 1 and _may_be_size(error):
            self._size = min(self._size, (len(batch) + 1) // 2)
            self._waiting.extendleft(reversed(batch))
            return
        elif isinstance(error, ServerFault) and not self._alone.issuperset(batch):
            self._alone.update(batch)
            self._waiting.extend(batch)
            return
        self._answers.update(dict.fromkeys(batch, error))


def _may_be_size(error: UpstreamError) -> bool:
    too_large = isinstance(error, UpstreamRejected) and TOO_LARGE in error.types
    return too_large or isinstance(error, UpstreamTimeout | ServerFault)
