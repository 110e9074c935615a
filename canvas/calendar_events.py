"""Calendar events of courses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, day, row, rows, text, utc, web_address
from canvas.sender import Params
from domain import facts
from domain.errors import UpstreamMissing

_COURSE = re.compile(r"course_(\d+)")
_SECTION = re.compile(r"course_section_(\d+)")


class _Event(msgspec.Struct):
    id: Id
    start_at: datetime
    title: str | None = None
    end_at: datetime | None = None
    all_day: bool | None = None
    all_day_date: date | None = None
    workflow_state: str | None = None
    context_code: str | None = None
    effective_context_code: str | None = None
    hidden: bool | None = None
    location_name: str | None = None
    location_address: str | None = None
    html_url: str | None = None
    series_uuid: str | None = None


async def list_events(canvas: Canvas, course_ids: Sequence[str], start: datetime, end: datetime) -> list[facts.Event]:
    """The events of one chunk of courses that overlap [start, end], by start and id.

    Source: GET /api/v1/calendar_events?type=event&context_codes[]=course_N…, all pages
    Shape:  at most as many courses as `environment.show_calendar_limit` says: Canvas drops the rest without a word.
    Units:  aware UTC; without an end an event ends as it starts.
    Quirk:  the hidden parent of section events is left out, its section rows belong to the course; undated ones too.
    Errors: UpstreamForbidden or UpstreamMissing for all when one course is unreadable or gone: ask again one by one.
    """
    params: Params = {
        "type": "event",
        "context_codes[]": [f"course_{canvas.path('{}', course_id)}" for course_id in course_ids],
        "start_date": _instant(start),
        "end_date": _instant(end),
        "excludes[]": ["description"],
        "per_page": 100,
    }
    listed = rows(await canvas.get_all("calendar_events", params), _Event)
    wanted = set(course_ids)
    events = [_event(one, course_id) for one in listed if (course_id := _course_of(one)) in wanted and not one.hidden]
    return sorted(filter(None, events), key=lambda event: (event.starts_at, event.id))


async def show_event(canvas: Canvas, event_id: str) -> facts.Event:
    """One event of a course, also one that was deleted: it is cancelled then.

    Source: GET /api/v1/calendar_events/:id
    Errors: UpstreamMissing, also for an undated one, one of another calendar, and the hidden parent of section events.
    """
    found = row(await canvas.get(canvas.path("calendar_events/{}", event_id)), _Event)
    course_id = _course_of(found) if found is not None and not found.hidden else ""
    event = _event(found, course_id) if found is not None and course_id else None
    if event is None:
        raise UpstreamMissing(canvas.provider, "no event of a course")
    return event


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _course_of(found: _Event) -> str:
    """The course among the codes of a row, which may be a comma list; empty for other calendars."""
    for codes in (found.effective_context_code, found.context_code):
        for code in (codes or "").split(","):
            if course := _COURSE.fullmatch(code):
                return course[1]
    return ""


def _event(found: _Event, course_id: str) -> facts.Event | None:
    """None for one that is at no time at all."""
    starts_at = utc(found.start_at)
    if starts_at is None:
        return None
    section = _SECTION.fullmatch(found.context_code or "")
    places = [place for place in (text(found.location_name), text(found.location_address)) if place]
    return facts.Event(
        id=str(found.id),
        course_id=course_id,
        section_id=section[1] if section else None,
        title=text(found.title) or "Untitled",
        starts_at=starts_at,
        ends_at=max(utc(found.end_at) or starts_at, starts_at),
        all_day=bool(found.all_day),
        day=day(found.all_day_date) if found.all_day else None,
        location=", ".join(places) or None,
        url=web_address(found.html_url),
        series_id=text(found.series_uuid),
        cancelled=found.workflow_state == "deleted",
    )
