"""The one way to a Canvas fact: memo, store, table, and only then Canvas (behaviours D-04, D-05)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from canvas.client import Canvas
from domain import footprint
from domain.clock import Clock
from domain.errors import REFUSALS
from domain.freshness import Reading
from loaders.bus import Bus, News
from loaders.claims import Claims
from loaders.derived import Derived
from loaders.entries import Ages, Entry, Failure, Known, Lifetimes, Stored
from loaders.fetcher import Fetcher, Outcome
from loaders.keys import FactKey, Kind
from loaders.memo import Memo
from loaders.store import Store
from loaders.table import FactTable, Row
from loaders.watch import Unwatched, Watch

T = TypeVar("T")


class FactCache:
    """Facts of all providers, for all viewers: scope is applied to what comes out of here, never in here."""

    def __init__(
        self,
        store: Store,
        table: FactTable,
        bus: Bus,
        canvas_of: Callable[[int], Awaitable[Canvas]],
        lifetimes: Lifetimes,
        clock: Clock,
        watch: Watch | None = None,
    ) -> None:
        self.lifetimes = lifetimes
        self.bus = bus
        self.table = table
        self.store = store
        self._clock = clock
        self.derived = Derived()
        self._memo = Memo()
        self._failures: dict[FactKey, Failure] = {}
        self._expired: dict[int, datetime] = {}
        self._asked: dict[tuple[Kind[Any], int], datetime] = {}
        self._watch = watch or Unwatched()
        self._fetcher = Fetcher(canvas_of, clock, Claims(store, bus), self, self._watch)
        self._unlisten = bus.listen(self._hear)

    async def read(
        self, kind: Kind[T], provider: int, ids: Iterable[str], *, wait: bool = True
    ) -> dict[str, Reading[T]]:
        """One reading per id.

        Source: fresh facts from the cache; stale ones too, while one refresh runs; missing ones from Canvas.
        Shape:  every id of `ids`; LOADING where Canvas takes longer than the cold wait (it goes on fetching).
        Errors: none; a failed fetch is a FAILED reading, or a STALE one where there is older data.
        """
        keys = {id: FactKey(provider, kind.name, id) for id in dict.fromkeys(ids)}
        self._asked[kind, provider] = self._clock()
        await self._look_up(kind, keys.values())
        due, cold = self._missing(keys.values(), self._ages(provider))
        footprint.looked_up(len(keys) - len(due), len(due))
        pending = self._fetcher.fetch(kind, provider, due) if due else []
        if cold and wait:
            waiting = [future for key, future in zip(due, pending, strict=True) if key in cold]
            await asyncio.wait(waiting, timeout=self._patience())
        found = self.peek(kind, provider, keys)
        self._watch.readings(kind.name, (reading.freshness.state for reading in found.values()))
        return found

    def peek(self, kind: Kind[T], provider: int, ids: Iterable[str]) -> dict[str, Reading[T]]:
        """One reading per id from this process's memory, asking nobody."""
        ages = self._ages(provider)
        keys = ((id, FactKey(provider, kind.name, id)) for id in ids)
        return {id: ages.reading(self._memo.get(key), self._failures.get(key)) for id, key in keys}

    async def refresh(self, kind: Kind[Any], provider: int, ids: Iterable[str]) -> None:
        """Fetch again whatever the age, and wait for it."""
        keys = [FactKey(provider, kind.name, id) for id in ids]
        if keys:
            await asyncio.wait(self._fetcher.fetch(kind, provider, keys))

    async def refresh_soon(self, kind: Kind[Any], provider: int, ids: Iterable[str]) -> None:
        """The same, waiting no longer than a cold answer does."""
        keys = [FactKey(provider, kind.name, id) for id in ids]
        pending = self._fetcher.fetch(kind, provider, keys)
        await asyncio.wait(pending, timeout=self._patience())

    async def expire(self, provider: int) -> None:
        """Treat all facts of a provider as no longer fresh, and its failures as over, in every process."""
        await self.bus.publish(News("expired", provider, (self._clock().isoformat(),)))

    async def forget(self, provider: int) -> None:
        """Drop all facts of a provider, everywhere: they are another Canvas's."""
        await self.table.forget(provider)
        keys = [key for key in self._memo if key.provider == provider]
        await self.store.drop([key.text for key in keys])
        for key in keys:
            self._memo.drop(key)
        await self.expire(provider)

    def aging(self, kind: Kind[Any], provider: int, within: float) -> list[str]:
        """The ids of a kind in memory that stop being fresh within that many seconds."""
        limit = self._clock().timestamp() + within - self.lifetimes.fresh.total_seconds()
        keys = (key for key in self._memo if key.provider == provider and key.kind == kind.name)
        return [key.id for key in keys if (entry := self._memo.get(key)) and entry.fetched_at.timestamp() < limit]

    def asked_since(self, instant: datetime) -> list[tuple[Kind[Any], int]]:
        """Which kinds of which providers somebody wanted since then."""
        return [asked for asked, at in self._asked.items() if at >= instant]

    async def deliver(self, outcomes: Mapping[FactKey, Outcome]) -> None:
        """Take what a fetch brought; called by the fetcher."""
        rows: dict[FactKey, Row] = {}
        failures: dict[str, str] = {}
        refusals: dict[FactKey, Row] = {}
        for key, outcome in outcomes.items():
            if isinstance(outcome, Failure):
                known = self._failures.get(key)
                failure = self._failures[key] = outcome.after(known)
                failures[key.text] = failure.code
                if failure.permanent and not (known and known.permanent) and self._memo.get(key) is None:
                    refusals[key] = Row(failure.at, msgspec.msgpack.encode(failure.code))
            else:
                value, fetched_at = outcome
                rows[key] = Row(fetched_at, msgspec.msgpack.encode(value))
                self._failures.pop(key, None)
                self._memo.put(key, Entry(value, fetched_at, len(rows[key].payload)))
        self.table.keep(refusals.items())
        await self._share(rows)
        provider = next(iter(outcomes)).provider
        await self.bus.publish(News("facts", provider, tuple(key.text for key in outcomes), failures))

    def known(self, key: FactKey) -> Known:
        """What this process has of a key now."""
        entry = self._memo.get(key)
        return Known(entry.fetched_at if entry else None, self._failures.get(key))

    async def reload(self, kind: Kind[Any], keys: Mapping[FactKey, Known]) -> set[FactKey]:
        """The keys of which another process has stored something newer than what was `known`, or has failed since."""
        if not self.store.shared:
            return set()
        there = {key for key, known in keys.items() if self._failed_since(key, known)}
        for (key, known), data in zip(keys.items(), await self.store.get([key.text for key in keys]), strict=True):
            if data is not None:
                stored = msgspec.msgpack.decode(data, type=Stored)
                entry, since = Entry(None, stored.fetched_at, 0), known.fetched_at
                if stored.fetched_at > since if since else self._ages(key.provider).is_fresh(entry):
                    self._remember(kind, key, stored.fetched_at, bytes(stored.payload))
                    there.add(key)
        return there

    def _failed_since(self, key: FactKey, known: Known) -> bool:
        failure = self._failures.get(key)
        return failure is not None and failure is not known.failure and self._ages(key.provider).is_recent(failure)

    async def close(self) -> None:
        """Stop fetching; write what waits."""
        self._unlisten()
        await self._fetcher.close()
        await self.table.stop()

    def _patience(self) -> float:
        return footprint.patience(self.lifetimes.cold_wait.total_seconds(), asyncio.get_running_loop().time())

    def _ages(self, provider: int) -> Ages:
        now, expired = self._clock(), self._expired.get(provider)
        if expired is not None and expired > now:  # The clock was put back: what is fetched from here on is newer.
            expired = self._expired[provider] = now
        return Ages(self.lifetimes, now, expired)

    def _missing(self, keys: Iterable[FactKey], ages: Ages) -> tuple[list[FactKey], set[FactKey]]:
        due: list[FactKey] = []
        cold: set[FactKey] = set()
        for key in keys:
            entry, failure = self._memo.get(key), self._failures.get(key)
            if (entry is not None and ages.is_fresh(entry)) or (failure is not None and ages.is_recent(failure)):
                continue
            due.append(key)
            if entry is None or not ages.is_usable(entry):
                cold.add(key)
        return due, cold

    async def _look_up(self, kind: Kind[Any], keys: Iterable[FactKey]) -> None:
        unknown = [key for key in keys if self._memo.get(key) is None]
        if not unknown:
            return
        stored = await self.store.get([key.text for key in unknown])
        found = {key: data for key, data in zip(unknown, stored, strict=True) if data is not None}
        for key, data in found.items():
            entry = msgspec.msgpack.decode(data, type=Stored)
            self._remember(kind, key, entry.fetched_at, bytes(entry.payload))
        rows = await self.table.load([key for key in unknown if key not in found])
        for key, row in rows.items():
            self._remember(kind, key, row.fetched_at, row.payload)

    def _remember(self, kind: Kind[Any], key: FactKey, fetched_at: datetime, payload: bytes) -> None:
        try:
            value = msgspec.msgpack.decode(payload, type=kind.type)
        except msgspec.DecodeError:
            self._remember_refusal(key, fetched_at, payload)
            return
        self._memo.put(key, Entry(value, fetched_at, len(payload)))

    def _remember_refusal(self, key: FactKey, at: datetime, payload: bytes) -> None:
        """What is no fact may be why there is none; else another version of homeroom wrote it: as good as not there."""
        with contextlib.suppress(msgspec.DecodeError):
            code = msgspec.msgpack.decode(payload, type=str)
            if code in REFUSALS:
                over = at - self.lifetimes.failure  # It was written at another time: Canvas is asked again at once.
                self._failures.setdefault(key, Failure(code, over, None, permanent=True))

    async def _share(self, rows: Mapping[FactKey, Row]) -> None:
        self.table.keep(rows.items())
        stored = {key.text: Stored(row.fetched_at, msgspec.Raw(row.payload)) for key, row in rows.items()}
        encoded = {text: msgspec.msgpack.encode(entry) for text, entry in stored.items()}
        await self.store.put(encoded, (self.lifetimes.fresh + self.lifetimes.stale).total_seconds())

    def _hear(self, news: News) -> None:
        if news.topic == "expired":
            self._expired[news.provider] = min(datetime.fromisoformat(news.keys[0]), self._clock())
            self._failures = {key: f for key, f in self._failures.items() if key.provider != news.provider}
        elif news.topic == "resync":
            self._memo.clear()
        elif news.topic == "facts" and news.origin:
            self._hear_elsewhere(news)

    def _hear_elsewhere(self, news: News) -> None:
        for text in news.keys:
            key = FactKey.parse(text)
            code = news.failures.get(text)
            if code is None:
                self._memo.drop(key)
                self._failures.pop(key, None)
            else:
                self._failures[key] = Failure(code, self._clock(), None, permanent=code in REFUSALS)
