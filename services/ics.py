"""A timeline as an iCalendar file that calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import icalendar

from domain.events import Event
from domain.refs import key_of
from services.days import Days, zone_of
from services.ics_zones import vtimezone

REFRESH = timedelta(hours=1)
AROUND = timedelta(days=366)
"""Before and after the days of a feed, for events that reach beyond them."""


class Span(NamedTuple):
    """The UTC instants for which the file says how its zones' clocks go."""

    first: datetime
    last: datetime


def ics(name: str, events: Sequence[Event], days: Days, now: datetime) -> bytes:
    """The file. Times stand on the wall clock of their zone, whose rules come with it as a VTIMEZONE.

    Shape: one VEVENT per occurrence, cancelled ones too, so that a subscriber takes them off.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//homeroom//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    span = Span(days.widest[0] - AROUND, days.widest[1] + AROUND)
    for event in events:
        calendar.add_component(_event(event, now, span))
    zones = sorted(calendar.get_missing_tzids())
    calendar.subcomponents[:0] = [vtimezone(zone_of(tzid), span.first, span.last) for tzid in zones]
    return bytes(calendar.to_ical())


def _event(event: Event, now: datetime, span: Span) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", f"{key_of(event.ref)}@homeroom")
    made.add("dtstamp", now)
    made.add("dtstart", _local(event, event.starts_at, span))
    made.add("dtend", _local(event, event.ends_at, span))
    made.add("summary", event.title)
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    for name, value in (("location", event.location), ("description", event.reason), ("url", event.url)):
        if value:
            made.add(name, value)
    return made


def _local(event: Event, at: datetime, span: Span) -> datetime | date:
    """A day of an all-day event; a wall-clock time; UTC for what a zone as it stands in the file cannot name: the second of
    two equal times, and one outside its span.
    """
    local = at.astimezone(zone_of(event.time_zone))
    if event.all_day:
        return local.date()
    return local if span.first <= at <= span.last and not local.fold else at
