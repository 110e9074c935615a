"""A timeline as an iCalendar file that calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import icalendar

from domain.events import Event
from domain.refs import key_of
from services.days import Days, zone_of

REFRESH = timedelta(hours=1)


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
    for event in events:
        calendar.add_component(_event(event, now))
    calendar.add_missing_timezones(first_date=days.first - 366 * Days.DAY, last_date=days.last + 366 * Days.DAY)
    return bytes(calendar.to_ical())


def _event(event: Event, now: datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", f"{key_of(event.ref)}@homeroom")
    made.add("dtstamp", now)
    made.add("dtstart", _local(event, event.starts_at))
    made.add("dtend", _local(event, event.ends_at))
    made.add("summary", event.title)
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    for name, value in (("location", event.location), ("description", event.reason), ("url", event.url)):
        if value:
            made.add(name, value)
    return made


def _local(event: Event, at: datetime) -> datetime | date:
    """A day of an all-day event; a wall-clock time; UTC for the second of two equal ones, which a zone cannot name."""
    local = at.astimezone(zone_of(event.time_zone))
    if event.all_day:
        return local.date()
    return at if local.fold else local
