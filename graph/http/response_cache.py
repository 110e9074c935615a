"""Answers that are already bytes: served again while everything they were made of still stands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType

from graph.http.answers import Answer, Operation
from graph.http.encoded import Encoded
from loaders.versions import Source
from resolvers.context import Context
from services.snapshots import Snapshot
from settings import Settings

_OVERHEAD = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, when it was begun, the facts it was made of, and the people it shows. `size` is about what it holds."""

    encoded: Encoded
    at: Snapshot
    sources: Collection[Source]
    people: frozenset[int]
    size: int


class ResponseCache:
    """Of this process, bounded in bytes; the longest unused go first.

    The key holds the viewer: which fields look at who is asking is not for this module to know. An answer ends with the
    first commit to the database, by whomever, with news of a fact it was made of, and by age, because "now" is part of
    some answers. Not kept are answers with errors, those that met a source that is LOADING or FAILED, and those that
    waited for Canvas themselves.
    """

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds = seconds
        self._limit = limit
        self._total = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, operation: Operation, context: Context) -> Answer | None:
        """What may be answered now; whom it shows counts as shown by this operation too."""
        key, now = _key(operation, context), context.snapshot
        kept = self._kept.get(key) if key is not None and now is not None else None
        if kept is None or now is None:
            return None
        fresh = now.taken_at < kept.at.taken_at + self._seconds
        if not (fresh and context.op.engine.snapshots.stands(kept.at, kept.sources, now)):
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        context.op.loaders.people.update(kept.people)
        return Answer(None, [], encoded=kept.encoded, age=now.taken_at - kept.at.taken_at)

    def told(self, context: Context | None, answer: Answer) -> dict[str, Any] | None:
        """For admins: whether the answer was remembered, and for how long."""
        if context is None or context.operation is None or not context.operation.scope.is_admin:
            return None
        return {
            "hit": answer.age is not None,
            "ageSeconds": round(answer.age or 0.0, 3),
            "maxAgeSeconds": self._seconds,
        }

    def keep(self, operation: Operation, context: Context, answer: Answer) -> None:
        """Remember an answer that was just made, if it may be remembered."""
        key, at = _key(operation, context), context.snapshot
        if key is None or at is None or answer.encoded is None or answer.errors:
            return
        loaders = context.op.loaders
        size = len(answer.encoded.member) * 5 // 4 + _OVERHEAD  # packed, it is there a second time
        if not loaders.facts.settled or context.op.footprint.calls or size > self._limit // 8:
            return
        self._drop(key)
        self._kept[key] = Kept(answer.encoded, at, tuple(loaders.facts.sources), frozenset(loaders.people), size)
        self._total += size
        while self._total > self._limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._total -= kept.size


def response_cache(settings: Settings) -> ResponseCache | None:
    """None where it is switched off, and with several processes of which this one would hear nothing."""
    alone = settings.redis_url is None and not settings.database_url.startswith("sqlite:")
    if alone or not settings.response_seconds:
        return None
    return ResponseCache(settings.response_seconds, settings.response_bytes)


def _key(operation: Operation, context: Context) -> Hashable | None:
    plan = operation.plan
    if plan.kind is not OperationType.QUERY or context.viewer is None or plan.document.loc is None:
        return None
    variables = orjson.dumps(operation.variables, option=orjson.OPT_SORT_KEYS) if operation.variables else b""
    return plan.document.loc.source.body, plan.name, variables, context.op.scope
