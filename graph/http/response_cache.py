"""Answers that are already bytes: served again while everything they were made of still stands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from graph.http.answers import Answer, Operation
from graph.http.encoded import Encoded
from loaders import Loaders
from loaders.versions import Source
from resolvers.context import Context
from services.operation import Operation as Work
from services.snapshots import Snapshot
from settings import Settings

_OVERHEAD = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, whose it was (and whom it shows), when it was begun, and the facts it was made of.

    `size` is about what it holds.
    """

    encoded: Encoded
    context: Context
    at: Snapshot
    sources: Collection[Source]
    size: int


class ResponseCache:
    """Of this process, bounded in bytes; the longest unused go first.

    The key holds whom the token names, always: which fields look at who is asking is not for this module to know. Their
    role and facility are rows of the database, and an answer ends with the first commit to it, by whomever; with news of
    a fact it was made of; and by age, because "now" is part of some answers. Not kept are answers with errors, those
    that met a source that is LOADING or FAILED, and those that waited for Canvas themselves.
    """

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds = seconds
        self._limit = limit
        self._total = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    async def find(self, operation: Operation, viewer: str) -> tuple[Context, Answer] | None:
        """What may be answered now, with a context that shows the same people."""
        key = viewer, operation.question
        kept = self._kept.get(key)
        if kept is None:
            return None
        snapshots = kept.context.op.engine.snapshots
        now = await snapshots.now()
        if now is None:
            return None
        age = now.taken_at - kept.at.taken_at
        if age >= self._seconds or not snapshots.stands(kept.at, kept.sources, now):
            self._drop(key, kept)
            return None
        if key in self._kept:
            self._kept.move_to_end(key)
        return kept.context, Answer(None, [], encoded=kept.encoded, age=age)

    def told(self, context: Context | None, answer: Answer) -> dict[str, Any] | None:
        """For admins: whether the answer was remembered, and for how long."""
        if context is None or context.operation is None or not context.operation.scope.is_admin:
            return None
        return {
            "hit": answer.age is not None,
            "ageSeconds": round(answer.age or 0.0, 3),
            "maxAgeSeconds": self._seconds,
        }

    def keep(self, operation: Operation, viewer: str, context: Context, answer: Answer) -> None:
        """Remember an answer that was just made, if it may be remembered."""
        at = context.snapshot
        query = operation.plan.kind is OperationType.QUERY
        if not query or at is None or context.viewer is None or answer.encoded is None or answer.errors:
            return
        facts, size = (
            context.op.loaders.facts,
            len(answer.encoded.start) * 5 // 4 + _OVERHEAD,
        )  # packed, it is there twice
        if not facts.settled or context.op.footprint.calls or size > self._limit // 8:
            return
        key = viewer, operation.question
        self._drop(key, self._kept.get(key))
        self._kept[key] = Kept(answer.encoded, _bare(context), at, tuple(facts.sources), size)
        self._total += size
        while self._total > self._limit:
            self._drop(*next(iter(self._kept.items())))

    def _drop(self, key: Hashable, kept: Kept | None) -> None:
        if kept is not None and self._kept.get(key) is kept:
            del self._kept[key]
            self._total -= kept.size


def response_cache(settings: Settings) -> ResponseCache | None:
    """None where it is switched off, and with several processes of which this one would hear nothing."""
    alone = settings.redis_url is None and not settings.database_url.startswith("sqlite:")
    if alone or not settings.response_seconds:
        return None
    return ResponseCache(settings.response_seconds, settings.response_bytes)


def _bare(context: Context) -> Context:
    """The same viewer and the people shown, without the rows that were read."""
    engine = context.op.engine
    loaders = Loaders(context.op.scope, engine.facts, engine.clock)
    loaders.people |= context.op.loaders.people
    return Context(context.viewer, Work(engine, loaders))
