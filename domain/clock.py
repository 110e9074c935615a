"""The one place that knows what time it is. Tests put another clock in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Answers an aware UTC instant."""

    def __call__(self) -> datetime: ...


def utc_now() -> datetime:
    """The system's time, aware UTC."""
    return datetime.now(UTC)
