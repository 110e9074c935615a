"""Events of Canvas courses for a range of days, put together from the months that are cached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain import facts
from domain.catalog import SourceStatus
from domain.enums import SourceState
from domain.events import Event
from domain.filters import CalendarFilter
from domain.freshness import Freshness, Reading, worst
from domain.refs import CanvasClassRef, CanvasEventRef, CanvasProgramRef
from loaders import Loaders
from loaders.calendar_kinds import CALENDAR_LIMIT, EVENT, event_id, events_kind, months
from loaders.kinds import ACCOUNT
from services.calendar_courses import Courses, Shown, sections_of, shown_courses
from services.days import Days, zone_of
from services.pacing import paced
from services.recurrence import midnight

DEFAULT_LIMIT = 10
NEAR = timedelta(days=2)
"""How far an all-day event's instants may lie from its day, in whatever zone it was written."""
Months = Mapping[str, Reading[facts.CourseEvents]]


@dataclass(frozen=True, slots=True)
class Found:
    """Events in no order, what each provider contributed, and the courses of which not all months could be read."""

    events: list[Event]
    sources: list[SourceStatus]
    unread: set[CanvasClassRef]


async def canvas_events(loaders: Loaders, days: Days, narrowed: CalendarFilter) -> Found:
    """The events of those days in the courses of the view.

    Source: one fact per course and month, ceil(courses / limit) requests for a month nobody asked for yet.
    Shape:  `expected` courses and those of them whose months are all there (behaviours D-09b).
    """
    found = await shown_courses(loaders, narrowed)
    read = await asyncio.gather(*(_read(loaders, number, courses, days) for number, courses in found.items()))
    events: list[Event] = []
    for courses, readings in zip(found.values(), read, strict=True):
        events += await _events(loaders, courses, readings, days)
    statuses = [_status(number, courses, of) for (number, courses), of in zip(found.items(), read, strict=True)]
    unread = {
        CanvasClassRef(number, course)
        for number, of in zip(found, read, strict=True)
        for course, readings in of.items()
        if any(one.value is None for one in readings.values())
    } | {CanvasClassRef(number, course) for number, courses in found.items() for course in courses.unsure}
    return Found(events, statuses, unread)


async def _read(loaders: Loaders, provider: int, courses: Courses, days: Days) -> dict[str, Months]:
    if not courses.shown:
        return {}
    limits = await loaders.read(CALENDAR_LIMIT, provider, [ACCOUNT])
    known = limits[ACCOUNT].value
    limit = known.contexts if known else DEFAULT_LIMIT
    wanted = months(days.first, days.last)
    ids = [event_id(course, month) for month in wanted for course in courses.shown]
    readings = await loaders.read(events_kind(limit), provider, ids)
    return {course: {month: readings[event_id(course, month)] for month in wanted} for course in courses.shown}


async def _events(loaders: Loaders, courses: Courses, readings: Mapping[str, Months], days: Days) -> list[Event]:
    rows = {course: _newest(of) for course, of in readings.items()}
    split = [courses.shown[course] for course, of in rows.items() if any(row.section_id for row in of)]
    sections = await sections_of(loaders, split) if split else {}
    found: list[Event] = []
    async for course, of in paced(rows.items()):
        shown = courses.shown[course]
        own = sections.get(shown.ref) if shown.accounts is not None else None
        found += _of_course(
            shown, [row for row in of if not row.section_id or own is None or row.section_id in own], days
        )
    return found


def _newest(readings: Months) -> Iterable[facts.Event]:
    """The events of all months, each once and as it was last read: it may have moved from one month to another."""
    read = [(r.freshness.fetched_at, month, r.value) for month, r in readings.items() if r.value is not None]
    if len(read) == 1:
        return read[0][2].events
    rows = {row.id: row for _, _, value in sorted(read, key=lambda one: one[:2]) for row in value.events}
    return rows.values()


def _of_course(shown: Shown, rows: Iterable[facts.Event], days: Days) -> list[Event]:
    zone = zone_of(shown.time_zone).key
    after, before = days.bounds(zone)
    near = (row for row in rows if row.starts_at < before + NEAR and row.ends_at > after - NEAR)
    events = (canvas_event(shown.ref, row, zone) for row in near)
    return [e for e in events if e.starts_at < before and (e.ends_at > after or e.starts_at >= after)]


def canvas_event(course: CanvasClassRef, event: facts.Event, zone: str) -> Event:
    """A row of Canvas in the shape of both. All-day events are whole days in the course's zone."""
    starts_at, ends_at = event.starts_at, event.ends_at
    if event.all_day:
        day = event.day or starts_at.astimezone(zone_of(zone)).date()
        starts_at, ends_at = (midnight(d, zone_of(zone)) for d in (day, day + timedelta(days=1)))
    return Event(
        ref=CanvasEventRef(course.provider, course.course_id, event.id),
        title=event.title,
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=event.all_day,
        time_zone=zone,
        is_cancelled=event.cancelled,
        location=event.location,
        school_class=course,
        program=CanvasProgramRef(course.provider),
        url=event.url,
        series_id=event.series_id,
    )


async def canvas_events_by_refs(loaders: Loaders, refs: Sequence[CanvasEventRef]) -> list[Event | None]:
    """One answer per ref: the event, or None for what does not exist for the viewer.

    Source: one Canvas request per event that nobody asked for by its id yet.
    """
    classes = {CanvasClassRef(ref.provider, ref.course_id) for ref in refs}
    found = await shown_courses(loaders, CalendarFilter(classes=classes)) if refs else {}
    in_view = [ref for ref in refs if ref.provider in found and ref.course_id in found[ref.provider].shown]
    ids: dict[int, list[str]] = {}
    for ref in in_view:
        ids.setdefault(ref.provider, []).append(ref.event_id)
    read = await asyncio.gather(*(loaders.read(EVENT, number, of) for number, of in ids.items()))
    readings = dict(zip(ids, read, strict=True))
    shown = [found[ref.provider].shown[ref.course_id] for ref in in_view]
    sections = await sections_of(loaders, shown)
    by_ref: dict[CanvasEventRef, Event] = {}
    for ref, one in zip(in_view, shown, strict=True):
        event = readings[ref.provider][ref.event_id].value
        own = sections.get(one.ref) if one.accounts is not None else None
        if (
            event
            and event.course_id == ref.course_id
            and (not event.section_id or own is None or event.section_id in own)
        ):
            by_ref[ref] = canvas_event(one.ref, event, zone_of(one.time_zone).key)
    return [by_ref.get(ref) for ref in refs]


def _status(provider: int, courses: Courses, readings: Mapping[str, Months]) -> SourceStatus:
    """LOADING while anything is; the age of the oldest part otherwise; FAILED where nothing could be read."""
    loaded = sum(all(one.value is not None for one in of.values()) for of in readings.values())
    expected = len(courses.shown) + len(courses.unknown) + courses.refused
    missing = [one.freshness for of in readings.values() for one in of.values() if one.value is None]
    there = [one.freshness for of in readings.values() for one in of.values() if one.value is not None]
    missing += courses.unknown
    state = next((one for one in missing if one.state is SourceState.LOADING), None)
    if state is None:
        state = worst(missing) if missing and not there else _oldest([courses.listed, *there])
    if courses.listed.state in {SourceState.LOADING, SourceState.FAILED}:
        return SourceStatus(provider, courses.listed, None, 0)
    return SourceStatus(provider, state, expected, loaded)


def _oldest(of: Sequence[Freshness]) -> Freshness:
    state = worst(of)
    alike = [one for one in of if one.state is state.state and one.fetched_at is not None]
    return min(alike, key=lambda one: one.fetched_at.timestamp() if one.fetched_at else 0.0, default=state)
