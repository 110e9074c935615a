"""How current an answer is, and what it says about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from domain.enums import SourceState

T = TypeVar("T")

_WORST_FIRST = (
    SourceState.FAILED,
    SourceState.LOADING,
    SourceState.STALE,
    SourceState.FRESH,
    SourceState.DISABLED,
)

LOADING_MESSAGE = "Syncing from Canvas…"

MESSAGES = {
    "ACCESS_KEY_REFUSED": "Canvas refused the access key. A department admin has to enter a new one.",
    "ANALYTICS_NOT_AVAILABLE": "Canvas has no analytics for this class.",
    "ADDRESS_NOT_ALLOWED": "The address of this Canvas is not one homeroom may connect to.",
    "NOT_FOUND": "Canvas has no such object any more, or hides it from the access key's owner.",
    "PERMISSION_MISSING": "The access key's owner may not read this in Canvas.",
    "REJECTED": "Canvas did not accept the question.",
    "THROTTLED": "Canvas asked us to slow down.",
    "TIMEOUT": "Canvas did not answer in time.",
    "TOO_MANY_CALLS": "This asks too much of Canvas at once. Ask for fewer objects.",
    "UNAVAILABLE": "Canvas cannot be reached.",
    "UNREADABLE": "Canvas sent an answer that could not be read.",
}
"""What a person reads for each error code."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`error_code` is a reason of domain.errors; a STALE answer has one where its last refresh failed."""

    state: SourceState
    fetched_at: datetime | None = None
    expires_at: datetime | None = None
    retry_after: timedelta | None = None
    error_code: str | None = None

    @property
    def message(self) -> str | None:
        if self.state is SourceState.LOADING:
            return LOADING_MESSAGE
        return MESSAGES.get(self.error_code, "Canvas cannot be read just now.") if self.error_code else None


FRESH = Freshness(SourceState.FRESH)
"""Of everything native."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A fact as it can be had now; `value` is None exactly when the state is LOADING or FAILED."""

    value: T | None
    freshness: Freshness


def worst(of: Iterable[Freshness]) -> Freshness:
    """The least current of several; FRESH for none."""
    return min(of, key=lambda freshness: _WORST_FIRST.index(freshness.state), default=FRESH)
