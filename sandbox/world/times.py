"""Instants as Canvas writes them, and the local days behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def stamp(value: datetime | str | None) -> str | None:
    """Write an instant the way Canvas does: UTC, whole seconds; naive text and datetimes are read as UTC."""
    if value is None or value == "":
        return None
    moment = instant(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def at(value: datetime | str) -> str:
    """Write an instant that is certainly there."""
    text = stamp(value)
    if text is None:
        raise ValueError("an instant is needed")
    return text


def instant(text: str, zone: str = "UTC") -> datetime:
    """Read ISO 8601; a value without a zone is local to `zone`. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def midnight(day: date, zone: str) -> str:
    """The first moment of a local day."""
    return at(datetime.combine(day, time(), ZoneInfo(zone)))


def last_second(day: date, zone: str) -> str:
    """The last moment of a local day."""
    return at(datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(seconds=1))


def local(text: str, zone: str) -> datetime:
    """A stored instant on the wall clock of `zone`."""
    return instant(text).astimezone(ZoneInfo(zone))
