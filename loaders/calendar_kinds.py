"""Calendar events as facts: one per course and UTC month, fetched for as many courses at once as a Canvas allows.

A month is read with the day before and the day after it, so that it holds every event whose local day, in whatever zone,
is in that month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from canvas import calendar_events
from canvas.client import Canvas
from canvas.environment import show_calendar_limit
from domain import facts
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing
from loaders.keys import Fetched, Kind
from loaders.kinds import each

_REFUSED = (UpstreamForbidden, UpstreamMissing)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def months(first: date, last: date) -> list[str]:
    """The months that local days from `first` to `last` lie in, such as 2026-03."""
    indexes = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{index // 12:04}-{index % 12 + 1:02}" for index in indexes]


def month_of(id: str) -> str:
    return id.rpartition(":")[2]


def event_id(course_id: str, month: str) -> str:
    """The id of the fact about one course in one month."""
    return f"{course_id}:{month}"


async def _month(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.CourseEvents]:
    """The events of one month.

    Source: one request for all the courses; where Canvas refuses it for one of them, one for each.
    """
    month = month_of(ids[0])
    courses = {id.rpartition(":")[0]: id for id in ids}

    async def of(course_ids: Iterable[str]) -> dict[str, facts.CourseEvents]:
        wanted = list(course_ids)
        found = await calendar_events.list_events(canvas, wanted, *_span(month))
        by_course: defaultdict[str, list[facts.Event]] = defaultdict(list)
        for event in found:
            by_course[event.course_id].append(event)
        return {courses[course]: facts.CourseEvents(tuple(by_course[course])) for course in wanted}

    async def of_one(id: str) -> facts.CourseEvents:
        return (await of([id.rpartition(":")[0]]))[id]

    try:
        return await of(courses)
    except _REFUSED as error:
        return dict.fromkeys(ids, error) if len(ids) == 1 else await each(ids, of_one)


def _span(month: str) -> tuple[datetime, datetime]:
    begin = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    end = (begin + 31 * _DAY).replace(day=1)
    return begin - _DAY, end + _DAY - _SECOND


@cache
def events_kind(limit: int) -> Kind[facts.CourseEvents]:
    """The events of courses and months, `limit` courses a request. The limit is no part of what is cached."""
    return Kind("events", facts.CourseEvents, limit, _month, month_of)


async def _limits(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.CalendarLimit]:
    return dict.fromkeys(ids, facts.CalendarLimit(await show_calendar_limit(canvas)))


async def _single_events(canvas: Canvas, ids: Sequence[str]) -> dict[str, facts.Event | UpstreamError]:
    return await each(ids, lambda id: calendar_events.show_event(canvas, id))


CALENDAR_LIMIT = Kind("calendar-limit", facts.CalendarLimit, 1, _limits)
EVENT = Kind("event", facts.Event, 20, _single_events)
