"""How long the caller still waits, carried to every request it causes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from domain.errors import UpstreamTimeout

_ends: ContextVar[float | None] = ContextVar("canvas_deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything asked of Canvas inside ends within `seconds`; an outer, earlier deadline stands.

    Quirk: a task made inside keeps the deadline after the block has ended.
    """
    ends = asyncio.get_running_loop().time() + seconds
    outer = _ends.get()
    token = _ends.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ends.reset(token)


@contextmanager
def no_deadline() -> Iterator[None]:
    """Background work started by a caller that may leave: it is not bound by that caller's patience."""
    token = _ends.set(None)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Seconds left, None where nobody set an end."""
    ends = _ends.get()
    return None if ends is None else ends - asyncio.get_running_loop().time()


@asynccontextmanager
async def within_deadline(provider: int) -> AsyncIterator[None]:
    """Run the body to the deadline at most.

    Errors: UpstreamTimeout when it is over; the request in flight is cancelled.
    """
    try:
        async with asyncio.timeout_at(_ends.get()):
            yield
    except TimeoutError as error:
        raise UpstreamTimeout(provider, "deadline") from error
