"""Fetching what the cache lacks: gathered for a moment, cut into batches, each key in flight once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog

from canvas.client import Canvas
from db.failures import explained
from domain import footprint
from domain.clock import Clock
from domain.errors import PERMANENT, UpstreamError, UpstreamUnreadable
from loaders.claims import Claims
from loaders.entries import Failure, Known
from loaders.keys import FactKey, Kind
from loaders.watch import Watch

log = structlog.get_logger()
GATHER_SECONDS = 0.002
"""Long enough for every field of an operation to name its keys, so that they share requests."""

OTHERS_SECONDS = 30.0
"""How long another process's fetch is waited for before doing it here."""

Outcome = tuple[Any, datetime] | Failure


class Sink(Protocol):
    """Where outcomes go. `reload` answers the keys for which another process has stored or met something newer."""

    async def deliver(self, outcomes: Mapping[FactKey, Outcome]) -> None: ...

    def known(self, key: FactKey) -> Known: ...

    async def reload(self, kind: Kind[Any], keys: Mapping[FactKey, Known]) -> set[FactKey]: ...


class Fetcher:
    """`fetch` answers one future per key, done when the key's outcome has been delivered to the sink."""

    def __init__(
        self, canvas_of: Callable[[int], Awaitable[Canvas]], clock: Clock, claims: Claims, sink: Sink, watch: Watch
    ) -> None:
        self._canvas_of = canvas_of
        self._clock = clock
        self._claims = claims
        self._sink = sink
        self._watch = watch
        self._in_flight: dict[FactKey, asyncio.Future[None]] = {}
        self._queued: defaultdict[tuple[Kind[Any], int], list[FactKey]] = defaultdict(list)
        self._known: dict[FactKey, Known] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def fetch(self, kind: Kind[Any], provider: int, keys: Iterable[FactKey]) -> list[asyncio.Future[None]]:
        """Join the fetch that has a key in flight, else queue it. Goes on when nobody waits any more."""
        return [self._in_flight.get(key) or self._queue(kind, provider, key) for key in keys]

    async def close(self) -> None:
        """Give up what is in flight."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queue(self, kind: Kind[Any], provider: int, key: FactKey) -> asyncio.Future[None]:
        group = (kind, provider)
        if not self._queued[group]:
            self._spawn(self._flush(kind, provider))
        self._queued[group].append(key)
        self._known[key] = self._sink.known(key)
        future = self._in_flight[key] = asyncio.get_running_loop().create_future()
        return future

    async def _flush(self, kind: Kind[Any], provider: int) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        keys = self._queued.pop((kind, provider), [])
        for batch in kind.batches(keys):
            self._spawn(self._batch(kind, provider, batch))

    async def _batch(self, kind: Kind[Any], provider: int, keys: Sequence[FactKey]) -> None:
        try:
            mine = await self._claims.take(keys)
            theirs = [key for key in keys if key not in set(mine)]
            await asyncio.gather(self._fetch_claimed(kind, provider, mine), self._await_others(kind, provider, theirs))
        except Exception as error:
            if explained(error) is None:
                log.exception("fetch.broken", provider=provider, kind=kind.name)
            else:
                log.warning("fetch.database_away", provider=provider, kind=kind.name)
        finally:
            for key in keys:
                self._known.pop(key, None)
                future = self._in_flight.pop(key, None)
                if future is not None and not future.done():
                    future.set_result(None)

    async def _fetch_claimed(self, kind: Kind[Any], provider: int, keys: Sequence[FactKey]) -> None:
        if not keys:
            return
        try:
            there = await self._reload(kind, keys)
            await self._fetch_now(kind, provider, [key for key in keys if key not in there])
        finally:
            await self._claims.release(keys)

    async def _await_others(self, kind: Kind[Any], provider: int, keys: Sequence[FactKey]) -> None:
        if not keys:
            return
        there = await self._claims.wait(keys, OTHERS_SECONDS, partial(self._reload, kind))
        await self._fetch_now(kind, provider, [key for key in keys if key not in there])

    async def _reload(self, kind: Kind[Any], keys: Collection[FactKey]) -> set[FactKey]:
        return await self._sink.reload(kind, {key: self._known[key] for key in keys})

    async def _fetch_now(self, kind: Kind[Any], provider: int, keys: Sequence[FactKey]) -> None:
        if keys:
            began = self._clock()
            answers = await self._ask(kind, provider, [key.id for key in keys])
            await self._sink.deliver({key: self._outcome(answers.get(key.id), provider, began) for key in keys})

    async def _ask(self, kind: Kind[Any], provider: int, ids: Sequence[str]) -> Mapping[str, Any]:
        try:
            self._watch.batch(kind.name, len(ids))
            with footprint.filling():
                return await kind.fetch(await self._canvas_of(provider), ids)
        except UpstreamError as error:
            log.warning("fetch.failed", provider=provider, kind=kind.name, reason=error.reason, ids=len(ids))
            return dict.fromkeys(ids, error)
        except Exception as error:
            if explained(error) is not None:
                raise  # Our own database is away: that is no failure of this Canvas.
            log.exception("fetch.unreadable", provider=provider, kind=kind.name)
            return dict.fromkeys(ids, UpstreamUnreadable(provider))

    def _outcome(self, answer: Any, provider: int, began: datetime) -> Outcome:
        """A fact is as old as its question: what was asked before a provider was expired is not fresh afterwards."""
        error = UpstreamUnreadable(provider) if answer is None else answer
        if isinstance(error, UpstreamError):
            return Failure(error.reason, self._clock(), error.retry_after, isinstance(error, PERMANENT))
        return answer, began

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
