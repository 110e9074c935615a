"""The subscriptions open in this process: how many each viewer has, and how they are told to end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from graph.refusal import bad_request


class Streams:
    """`closing` is set when this process goes away; `count` is what is open now."""

    def __init__(self, most: int) -> None:
        self.closing = asyncio.Event()
        self.count = 0
        self._most = most
        self._of: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def subscription(self, viewer: str) -> Iterator[None]:
        """One subscription while it lasts; refused where the viewer has too many or the process is leaving."""
        if self.closing.is_set():
            raise bad_request(503, "SHUTTING_DOWN", "This process is going away.", headers={"retry-after": "1"})
        if self._of[viewer] >= self._most:
            raise bad_request(429, "TOO_MANY_SUBSCRIPTIONS", f"At most {self._most} at a time.", limit=self._most)
        self._of[viewer] += 1
        try:
            with self.connection():
                yield
        finally:
            self._of[viewer] -= 1
            if not self._of[viewer]:
                del self._of[viewer]

    @contextmanager
    def connection(self) -> Iterator[None]:
        """One thing that `close` waits for."""
        self.count += 1
        self._empty.clear()
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._empty.set()

    async def close(self, seconds: float) -> None:
        """Ask all to end and wait for them, no longer than `seconds`."""
        self.closing.set()
        try:
            await asyncio.wait_for(self._empty.wait(), seconds)
        except TimeoutError:
            return
