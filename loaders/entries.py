"""What the cache holds for a key, and how an entry's age turns into a state (behaviours D-05)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.enums import SourceState
from domain.freshness import Freshness, Reading

SKEW = timedelta(seconds=60)
"""By how much the clocks of our processes may differ."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a fact is fresh, then served stale; how long a cold answer waits; how long a failure is kept."""

    fresh: timedelta
    stale: timedelta
    cold_wait: timedelta
    failure: timedelta


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """An entry as bytes: the encoded fact and when Canvas said it."""

    fetched_at: datetime
    payload: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Entry:
    """A decoded fact. `size` is that of its bytes."""

    value: Any
    fetched_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last fetch brought nothing. `permanent`: asking again brings the same."""

    code: str
    at: datetime
    retry_after: timedelta | None
    permanent: bool

    def after(self, known: Failure | None) -> Failure:
        """The same, where `known` came before it: a Canvas that is away does not take a refusal back."""
        if known is None or not known.permanent or self.permanent:
            return self
        return replace(self, code=known.code, permanent=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What a process had of a key when it began to fetch it."""

    fetched_at: datetime | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Ages:
    """Judges entries at one instant. Facts from before `expired_at` are no longer fresh, whatever their age."""

    lifetimes: Lifetimes
    now: datetime
    expired_at: datetime | None

    def is_fresh(self, entry: Entry) -> bool:
        expired = self.expired_at is not None and entry.fetched_at < self.expired_at
        return not expired and self._is_past(entry.fetched_at) and self.now < entry.fetched_at + self.lifetimes.fresh

    def is_usable(self, entry: Entry) -> bool:
        return self.now < entry.fetched_at + self.lifetimes.fresh + self.lifetimes.stale

    def is_recent(self, failure: Failure) -> bool:
        return self._is_past(failure.at) and self._left(failure) > timedelta()

    def _is_past(self, at: datetime) -> bool:
        """What a clock wrote that has since been put back would otherwise last until it is that late again."""
        return at <= self.now + SKEW

    def _left(self, failure: Failure) -> timedelta:
        return failure.at + max(self.lifetimes.failure, failure.retry_after or timedelta()) - self.now

    def reading(self, entry: Entry | None, failure: Failure | None) -> Reading[Any]:
        """The answer for one key: data before failure, failure before LOADING."""
        if entry is not None and self.is_usable(entry):
            return Reading(entry.value, self._of_entry(entry, failure))
        if failure is not None:
            left = self._wait(failure)
            return Reading(None, Freshness(SourceState.FAILED, retry_after=left, error_code=failure.code))
        return Reading(None, Freshness(SourceState.LOADING, retry_after=self.lifetimes.cold_wait))

    def _wait(self, failure: Failure) -> timedelta:
        return max(self._left(failure), timedelta())

    def _of_entry(self, entry: Entry, failure: Failure | None) -> Freshness:
        state = SourceState.FRESH if self.is_fresh(entry) else SourceState.STALE
        expires_at = entry.fetched_at + self.lifetimes.fresh
        if failure is None or failure.at <= entry.fetched_at:
            return Freshness(state, entry.fetched_at, expires_at)
        return Freshness(SourceState.STALE, entry.fetched_at, expires_at, self._wait(failure), failure.code)
