"""A native event as a series of occurrences: planned once when it is written, expanded for whatever range is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from services import recurrence, rules
from services.days import YEARS
from services.recurrence import Pattern, RuleError

MOST = 2_000
"""Occurrences of one event in one answer: one a day for the longest range and far beyond."""

_KEY = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Series:
    """`starts_at` is UTC; no occurrence ends after `ends_at` (None: they go on); `rule` is None for a single event."""

    starts_at: datetime
    zone: ZoneInfo
    length: timedelta
    rule: str | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`key` names it within its series for ever: its wall-clock start as the rule gives it."""

    key: str
    starts_at: datetime
    ends_at: datetime


def plan(starts_at: datetime, zone: ZoneInfo, length: timedelta, rule: str | None) -> Series:
    """The series that begins at the rule's first start at or after `starts_at`.

    Units:  `starts_at` aware; the rule repeats its wall clock in `zone`.
    Errors: RuleError for a rule that cannot be used, or that gives nothing.
    """
    start = starts_at.astimezone(UTC)
    if rule is None:
        return Series(start, zone, length, None, start + length)
    pattern = rules.read(rule)
    wall = _wall(start, zone)
    first = pattern.first(wall)
    if first != wall:
        start = recurrence.instant(first, zone)
    last = _last(pattern, first, start, zone)
    return Series(start, zone, length, _written(pattern, zone), None if last is None else last + length)


def _last(pattern: Pattern, first: datetime, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant after which nothing starts, None for a series that never ends."""
    if pattern.until is not None:
        limit = rules.until(pattern.until, zone)
        if limit < start:
            raise RuleError("UNTIL lies before the first session.")
        if limit.year not in YEARS:
            raise RuleError(f"UNTIL lies in {YEARS[-1]} at the latest. Leave it out for a series without an end.")
        return limit
    last = pattern.last(first)
    return None if last is None else max(start, recurrence.instant(last, zone))


def _written(pattern: Pattern, zone: ZoneInfo) -> str:
    """The rule as it is kept and shown: UNTIL as an instant, which RFC 5545 asks of a start with a zone."""
    if pattern.until is not None:
        return f"{pattern.text};UNTIL={rules.until(pattern.until, zone).astimezone(UTC).strftime(_KEY)}Z"
    return pattern.text if pattern.count is None else f"{pattern.text};COUNT={pattern.count}"


def ended_before(series: Series, occurrence: Occurrence) -> Series | None:
    """The series without that occurrence and all later ones; None where nothing is left."""
    if series.rule is None or occurrence.starts_at <= series.starts_at:
        return None
    pattern = rules.read(series.rule)
    until = (occurrence.starts_at - timedelta(seconds=1)).strftime(_KEY)
    return plan(series.starts_at, series.zone, series.length, f"{pattern.text};UNTIL={until}Z")


def count_before(series: Series, occurrence: Occurrence) -> int:
    """How many occurrences come before that one, however many they are."""
    if series.rule is None:
        return 0
    first = _wall(series.starts_at, series.zone)
    starts = rules.read(series.rule).starts(first, first)
    return sum(1 for _ in _overlapping(series, starts, series.starts_at, occurrence.starts_at))


def expand(series: Series, after: datetime, before: datetime) -> Iterator[Occurrence]:
    """The occurrences that overlap [after, before), in order; one that only touches `after` by its end does not.

    Shape: at most `MOST`, however the rule is made; the rule's beginning may lie as far back as it likes.
    """
    if series.rule is None:
        starts = iter([_wall(series.starts_at, series.zone)])
    else:
        near = _wall(max(after - series.length, series.starts_at), series.zone) - timedelta(days=2)
        starts = rules.read(series.rule).starts(_wall(series.starts_at, series.zone), near)
    return islice(_overlapping(series, starts, after, before), MOST)


def _overlapping(series: Series, walls: Iterator[datetime], after: datetime, before: datetime) -> Iterator[Occurrence]:
    first, beyond = _wall(series.starts_at, series.zone), _wall(before, series.zone) + timedelta(days=1)
    for wall in walls:
        # The first start is an instant that somebody chose, perhaps the second of two with the same wall clock.
        starts_at = series.starts_at if wall == first else recurrence.instant(wall, series.zone)
        ends_at = starts_at + series.length
        if wall > beyond or (series.ends_at is not None and ends_at > series.ends_at):
            return
        if starts_at < before and (ends_at > after or starts_at >= after):
            yield Occurrence(key_of_wall(wall), starts_at, ends_at)


def find(series: Series, key: str) -> Occurrence | None:
    """The occurrence of that key; None where the series has none."""
    try:
        wall = datetime.strptime(key, _KEY)  # noqa: DTZ007  a wall-clock time has no zone
    except ValueError:
        return None
    around = recurrence.instant(wall, series.zone)
    window = expand(series, around - timedelta(hours=26), around + timedelta(hours=26))
    return next((found for found in window if found.key == key), None)


def key_of_wall(wall: datetime) -> str:
    return wall.strftime(_KEY)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)
