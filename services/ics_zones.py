"""Time zones as iCalendar carries them: every change of the clocks in a span of time, as an observance of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
from icalendar import TimezoneDaylight, TimezoneStandard

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def vtimezone(zone: ZoneInfo, first: datetime, last: datetime) -> icalendar.Timezone:
    """The zone from one UTC instant to another.

    Quirk:  an observance begins at the wall clock that is left (RFC 5545 §3.6.5), such as 02:00 in New York in March.
            icalendar's own `from_tzinfo` writes the one that is reached, 03:00, and passes over short seasons (Morocco's).
    """
    made = icalendar.Timezone()
    made.add("tzid", zone.key)
    begins: defaultdict[tuple[timedelta, timedelta, str, bool], list[datetime]] = defaultdict(list)
    for at, before in _changes(zone, first, last):
        local = at.astimezone(zone)
        begins[before, _offset(zone, at), local.tzname() or "", bool(local.dst())].append(_clock(at, before))
    for (before, after, name, is_daylight), starts in begins.items():
        observance = TimezoneDaylight() if is_daylight else TimezoneStandard()
        observance.add("dtstart", starts[0])
        if starts[1:]:
            observance.add("rdate", starts[1:])
        observance.add("tzoffsetfrom", before)
        observance.add("tzoffsetto", after)
        observance.add("tzname", name)
        made.add_component(observance)
    return made


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The beginning, then every instant at which the offset becomes another, with the offset before it."""
    yield first, _offset(zone, first)
    day = first
    while day < last:
        after = min(day + _DAY, last)
        if _offset(zone, day) != _offset(zone, after):
            yield _change(zone, day, after), _offset(zone, day)
        day = after


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of the later offset."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _clock(at: datetime, offset: timedelta) -> datetime:
    """What a clock of that offset shows."""
    return (at.astimezone(UTC) + offset).replace(tzinfo=None)
