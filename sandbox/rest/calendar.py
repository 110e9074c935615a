"""Reading the calendar: ten contexts, silently; one bad one spoils all."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sandbox.ask import Ask
from sandbox.paging import Listing
from sandbox.refusals import Refusal, forbidden
from sandbox.shapes.events import event_json
from sandbox.world.rows import DELETED, Event
from sandbox.world.times import at, instant, last_second, local, midnight

DEFAULT_LIMIT = 10


def listing(ask: Ask) -> Listing:
    """Events of the first contexts, by start and id; deleted ones never, assignments there are none of."""
    codes = ask.params.many("context_codes")[: ask.behaviour.calendar_contexts_limit or DEFAULT_LIMIT]
    for code in codes:
        _check_context(ask, code)
    rows = _of_contexts(ask, codes or [f"user_{ask.caller.user_id}"])
    if (ask.params.text("type") or "event") != "event":
        rows = []
    rows = _in_range(ask, rows)
    rows.sort(key=lambda row: (row.start_at or "", row.id))
    return Listing(rows, lambda row: event_json(ask, row))


def show(ask: Ask) -> dict[str, Any]:
    """One event, deleted ones too."""
    row = ask.find.event(ask.path["event"])
    _check_context(ask, row.context_code)
    return event_json(ask, row)


def _check_context(ask: Ask, code: str) -> None:
    refusal = forbidden(ask.behaviour.forbidden_status)
    found = re.fullmatch(r"(course|course_section|group|user|account)_(\d+)", code)
    if found is None:
        raise refusal
    kind, key = found[1], int(found[2])
    course = ask.world.course_of(code)
    if kind == "group" and key in ask.world.groups:
        course = ask.world.courses[ask.world.groups[key].course_id]
    if course is not None:
        if course.state == DELETED or not (
            ask.caller.may_in("read", course) and ask.caller.may_in("read_calendar", course)
        ):
            raise refusal
    elif not (kind == "account" and key in ask.world.accounts) and not (kind == "user" and key == ask.caller.user_id):
        raise refusal


def _of_contexts(ask: Ask, codes: list[str]) -> list[Event]:
    world, found = ask.world, dict[int, Event]()
    for code in codes:
        kind, _, key = code.rpartition("_")
        under = [f"course_section_{row.id}" for row in _sections(ask, int(key))] if kind == "course" else []
        for one in (code, *under):
            found |= {row.id: row for row in world.events_of_context[one] if row.state != DELETED}
    return list(found.values())


def _sections(ask: Ask, course_id: int) -> list[Any]:
    """Every section for an admin, the own ones for anybody else."""
    own = {row.section_id for row in ask.world.enrollments_of_user[ask.caller.user_id]}
    return [row for row in ask.world.sections_of_course[course_id] if ask.caller.is_admin or row.id in own]


def _in_range(ask: Ask, rows: list[Event]) -> list[Event]:
    params = ask.params
    if params.flag("all_events"):
        return rows
    if params.flag("undated"):
        return [row for row in rows if row.start_at is None]
    zone = ask.caller.time_zone
    today = local(ask.world.now(), zone).date()
    start = _edge(ask, "start_date", today, first=True)
    end = _edge(ask, "end_date", today, first=False)
    if end < start:
        end = last_second(local(start, zone).date(), zone)
    return [row for row in rows if row.start_at and row.end_at and row.start_at <= end and row.end_at >= start]


def _edge(ask: Ask, name: str, today: date, *, first: bool) -> str:
    """A date is a whole day in the caller's zone; anything else is an instant."""
    text, zone = ask.params.text(name), ask.caller.time_zone
    of_day = midnight if first else last_second
    if not text:
        return of_day(today, zone)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return of_day(date.fromisoformat(text), zone)
        return at(instant(text, zone))
    except ValueError as exc:
        raise Refusal(400, {"errors": {name: f"Invalid date or invalid datetime for {name}"}}) from exc
