"""Writing the calendar: series are rows, and answers are lists where more than one row is meant."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask, Created
from sandbox.params import Params
from sandbox.refusals import bad_request, forbidden, missing, not_found
from sandbox.rest.event_params import event_times, set_texts, whole_day
from sandbox.rest.series import change_series, rows_of_series
from sandbox.shapes.events import event_json
from sandbox.world.recurrence import Rule, RuleError, occurrences
from sandbox.world.rows import DELETED, Course, Event
from sandbox.world.times import instant, local

WHICH = {"one", "following", "all"}
MOST_COPIES = 200


def create(ask: Ask) -> Created:
    """A new event: 201; a series answers its head with the others in `duplicates`."""
    params = ask.params.under("calendar_event")
    code = params.text("context_code")
    if not code:
        raise missing("calendar_event[context_code]")
    _writable(ask, code)
    rows = _rows(ask, code, params)
    for row in rows:
        set_texts(row, params)
    _add_children(ask, rows[0], params)
    body = event_json(ask, rows[0])
    body["duplicates"] = [{"calendar_event": event_json(ask, row)} for row in rows[1:]]
    return Created(body)


def _writable(ask: Ask, code: str) -> None:
    """Refuse contexts that are unknown, deleted or not the caller's to write to."""
    course = ask.world.course_of(code)
    if course is None:
        if code != f"user_{ask.caller.user_id}":
            raise not_found()
        return
    if course.state == DELETED:
        raise bad_request("cannot create event for deleted course", key="error")
    _need(ask, course)


def _need(ask: Ask, course: Course) -> None:
    if not (ask.caller.may_in("read", course) and ask.caller.may_in("manage_calendar", course)):
        raise forbidden(ask.behaviour.forbidden_status)


def _rows(ask: Ask, code: str, params: Params) -> list[Event]:
    world, title = ask.world, params.text("title") or "Course Event"
    start, end = event_times(ask, code, params)
    rrule, copies = params.text("rrule"), _copies(params)
    try:
        if rrule and start and end:
            return world.add_series(code, title, start, end, rrule)
        if start and end and copies:
            head, length = local(start, world.zone_of(code)), instant(end) - instant(start)
            return [world.add_event(code, title, moment, moment + length) for moment in occurrences(copies, head)]
    except RuleError as error:
        raise bad_request(str(error)) from error
    row = world.add_event(code, title, start, end)
    row.all_day, row.all_day_date = whole_day(ask, code, params, start)
    return [row]


def _copies(params: Params) -> Rule | None:
    asked = params.under("duplicate")
    count = asked.number("count") or 0
    if count > MOST_COPIES:
        raise bad_request(f"only a maximum of {MOST_COPIES} events can be created")
    often = (asked.text("frequency") or "weekly").upper()
    return Rule(often, asked.number("interval") or 1, count + 1, None, ()) if count else None


def _add_children(ask: Ask, parent: Event, params: Params) -> None:
    given = params.values.get("child_event_data")
    items = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ()
    children: list[Event] = []
    for item in items:
        child = Params(item)
        code = child.text("context_code") or ""
        _writable(ask, code)
        name = ask.world.sections[int(code.rpartition("_")[2])].name
        start, end = event_times(ask, code, child)
        children.append(ask.world.add_event(code, f"{parent.title} ({name})", start, end, parent_id=parent.id))
    if children:
        parent.start_at = min(row.start_at or "" for row in children)
        parent.end_at = max(row.end_at or "" for row in children)


def update(ask: Ask) -> Any:
    """Change one event, or with `which` more of its series; `all` and `following` answer a list."""
    row, which = _addressed(ask)
    params = ask.params.under("calendar_event")
    if "context_code" in params:
        _move_context(ask, row, params.text("context_code") or "")
    new_rule = "rrule" in params and params.text("rrule") != row.rrule
    if which == "one" or (row.series_uuid is None and not new_rule):
        if new_rule and row.series_uuid is not None:
            raise bad_request("You may not update one event with a new schedule.")
        _change_one(ask, row, params)
        return event_json(ask, row)
    return [event_json(ask, one) for one in change_series(ask, row, which, params, new_rule=new_rule)]


def _addressed(ask: Ask) -> tuple[Event, str]:
    row = ask.find.event(ask.path["event"])
    if row.state == DELETED:
        raise not_found()
    _writable(ask, row.context_code)
    which = ask.params.text("which") or "one"
    if which not in WHICH:
        raise bad_request(f"Invalid parameter which='{which}'", key="error")
    return row, which


def _move_context(ask: Ask, row: Event, code: str) -> None:
    if code == row.context_code:
        return
    if ask.world.children_of_event.get(row.id):
        raise bad_request("Cannot move events with section-specific times to another calendar")
    _writable(ask, code)
    ask.world.events_of_context[row.context_code].remove(row)
    ask.world.events_of_context[code].append(row)
    row.context_code = code


def _change_one(ask: Ask, row: Event, params: Params) -> None:
    set_texts(row, params)
    if "start_at" in params or "end_at" in params or "all_day" in params:
        kept = {"start_at": row.start_at, "end_at": row.end_at, **params.values}
        start, end = event_times(ask, row.context_code, Params(kept))
        row.start_at, row.end_at = start, end
        row.all_day, row.all_day_date = whole_day(ask, row.context_code, params, start)
    row.updated_at = ask.world.now()


def delete(ask: Ask) -> Any:
    """A plain event answers itself; any event of a series answers a list."""
    row, which = _addressed(ask)
    rows = [row] if which == "one" else rows_of_series(ask, row, which)
    for one in rows:
        ask.world.delete_event(one.id)
    bodies = [event_json(ask, one) for one in rows]
    return bodies if row.series_uuid else bodies[0]
