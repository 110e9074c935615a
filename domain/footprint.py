"""What one operation leaves behind: what it asked of Canvas and of the cache, and whom it showed.

Counted wherever in the operation it happens: tasks that an operation starts inherit its footprint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from domain.errors import UpstreamCallLimit


@dataclass(slots=True, eq=False)
class Footprint:
    """`most_live` is set for answers that somebody waits for, and not for background work.

    `live` are the Canvas calls that the operation itself waits for; fills of the fact cache are only in `calls`.

    `ms` is the sum over all calls; `hits` and `misses` are facts; `shown` are numbers of people of ours.
    """

    most_live: int | None = None
    calls: int = 0
    live: int = 0
    ms: float = 0.0
    hits: int = 0
    misses: int = 0
    shown: set[int] = field(default_factory=set)
    waits_until: float | None = None


_current: ContextVar[Footprint | None] = ContextVar("footprint", default=None)
_filling: ContextVar[bool] = ContextVar("filling", default=False)


def step_into(footprint: Footprint) -> None:
    """Count from here on, in this task and in those it starts, for that operation."""
    _current.set(footprint)


@contextmanager
def filling() -> Iterator[None]:
    """What is asked of Canvas inside fills the cache for everybody: no operation's limit stops it."""
    token = _filling.set(True)
    try:
        yield
    finally:
        _filling.reset(token)


def show(user_id: int) -> None:
    """Note somebody of ours whose data goes into the answer."""
    footprint = _current.get()
    if footprint is not None:
        footprint.shown.add(user_id)


def asked(provider: int) -> None:
    """Note one question to Canvas.

    Errors: UpstreamCallLimit where the operation may not wait for one more.
    """
    footprint = _current.get()
    if footprint is None or _filling.get():
        return
    if footprint.most_live is not None and footprint.live >= footprint.most_live:
        raise UpstreamCallLimit(provider)
    footprint.live += 1


def answered(ms: float) -> None:
    """Note one attempt at a call, and how long it took."""
    footprint = _current.get()
    if footprint is not None:
        footprint.calls += 1
        footprint.ms += ms


def patience(seconds: float, now: float) -> float:
    """How long may still be waited for facts that nobody has fetched: in one answer so many seconds in all, not per wait.

    Units: `now` in seconds of any clock, always the same one.
    """
    footprint = _current.get()
    if footprint is None or footprint.most_live is None:
        return seconds
    if footprint.waits_until is None:
        footprint.waits_until = now + seconds
    return max(0.0, footprint.waits_until - now)


def looked_up(hits: int, misses: int) -> None:
    """Note facts that the cache had, and those it lacked or had too old."""
    footprint = _current.get()
    if footprint is not None:
        footprint.hits += hits
        footprint.misses += misses
