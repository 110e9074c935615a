"""The fact table, written behind the cache: what lets a restart, or days without Canvas, lose nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from db.failures import UNANSWERED
from db.models import Fact
from loaders.keys import FactKey

log = structlog.get_logger()
_IN = 500
_WAITING = 50_000


class Row(NamedTuple):
    """An encoded fact as the table keeps it."""

    fetched_at: datetime
    payload: bytes


class FactTable:
    """`keep` returns at once; rows reach the database within `seconds`, or with `flush`."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._waiting: dict[FactKey, Row] = {}
        self._task: asyncio.Task[None] | None = None

    async def load(self, keys: Sequence[FactKey]) -> dict[FactKey, Row]:
        """The rows there are, those not yet written included. Unreadable table: none."""
        found = {key: self._waiting[key] for key in keys if key in self._waiting}
        by_text = {key.text: key for key in keys if key not in found}
        texts = list(by_text)
        try:
            for at in range(0, len(texts), _IN):
                rows = await Fact.filter(key__in=texts[at : at + _IN]).values_list("key", "fetched_at", "payload")
                found.update({by_text[text]: Row(fetched_at, bytes(payload)) for text, fetched_at, payload in rows})
        except UNANSWERED:
            log.warning("facts.unreadable")
        return found

    def keep(self, rows: Iterable[tuple[FactKey, Row]]) -> None:
        """Queue rows for writing; the oldest are given up when the database has been away for long."""
        self._waiting.update(rows)
        while len(self._waiting) > _WAITING:
            del self._waiting[next(iter(self._waiting))]

    async def forget(self, provider: int) -> None:
        """Delete all facts of a provider: its address now names another Canvas."""
        self._waiting = {key: row for key, row in self._waiting.items() if key.provider != provider}
        await Fact.filter(provider_id=provider).delete()

    async def flush(self) -> None:
        """Write what waits; what cannot be written waits on."""
        waiting, self._waiting = self._waiting, {}
        rows = [
            Fact(key=key.text, provider_id=key.provider, kind=key.kind, payload=row.payload, fetched_at=row.fetched_at)
            for key, row in waiting.items()
        ]
        try:
            await Fact.bulk_create(
                rows,
                batch_size=_IN,
                on_conflict=["key"],
                update_fields=["payload", "fetched_at", "provider_id", "kind"],
            )
        except UNANSWERED:
            log.warning("facts.unwritten", rows=len(rows))
            self._waiting = waiting | self._waiting

    async def start(self) -> None:
        """Write behind until `stop`."""
        self._task = asyncio.create_task(self._run(), name="fact table")

    async def stop(self) -> None:
        """Write what waits and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._waiting:
            await self.flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            if self._waiting:
                await self.flush()
