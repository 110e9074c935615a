"""Writing the calendar: series are rows, and answers are lists where more than one row is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sandbox.ask import Ask, Created
from sandbox.params import Params
from sandbox.refusals import bad_request, forbidden, missing, not_found
from sandbox.shapes.events import event_json
from sandbox.world.recurrence import Rule, RuleError, occurrences, read_rule
from sandbox.world.rows import DELETED, Course, Event
from sandbox.world.times import at, instant, local, midnight

WHICH = {"one", "following", "all"}
PLAIN = ("title", "description", "location_name", "location_address")
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
        _set_plain(row, params)
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
    start, end = _times(ask, code, params)
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
    row.all_day, row.all_day_date = _all_day(ask, code, params, start)
    return [row]


def _copies(params: Params) -> Rule | None:
    asked = params.under("duplicate")
    count = asked.number("count") or 0
    if count > MOST_COPIES:
        raise bad_request(f"only a maximum of {MOST_COPIES} events can be created")
    often = (asked.text("frequency") or "weekly").upper()
    return Rule(often, asked.number("interval") or 1, count + 1, None, ()) if count else None


def _times(ask: Ask, code: str, params: Params) -> tuple[str | None, str | None]:
    """Start and end; a missing or earlier end is the start; all-day is midnight to midnight."""
    zone = params.text("time_zone_edited") or ask.caller.time_zone
    given = params.text("start_at"), params.text("end_at")
    try:
        start, end = (at(instant(text, zone)) if text else None for text in given)
    except ValueError as exc:
        raise bad_request("Invalid start_at or end_at") from exc
    if start and params.flag("all_day"):
        start = end = midnight(local(start, ask.world.zone_of(code)).date(), ask.world.zone_of(code))
    return start, max(start, end or start) if start else None


def _all_day(ask: Ask, code: str, params: Params, start: str | None) -> tuple[bool, str | None]:
    if not params.flag("all_day") or start is None:
        return False, None
    return True, local(start, ask.world.zone_of(code)).date().isoformat()


def _set_plain(row: Event, params: Params) -> None:
    for name in PLAIN:
        if name in params:
            setattr(row, name, params.text(name))
    if "blackout_date" in params:
        row.blackout_date = bool(params.flag("blackout_date"))


def _add_children(ask: Ask, parent: Event, params: Params) -> None:
    given = params.values.get("child_event_data")
    items = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ()
    children: list[Event] = []
    for item in items:
        child = Params(item)
        code = child.text("context_code") or ""
        _writable(ask, code)
        name = ask.world.sections[int(code.rpartition("_")[2])].name
        start, end = _times(ask, code, child)
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
    return [event_json(ask, one) for one in _change_series(ask, row, which, params, new_rule=new_rule)]


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
    _set_plain(row, params)
    if "start_at" in params or "end_at" in params or "all_day" in params:
        kept = {"start_at": row.start_at, "end_at": row.end_at, **params.values}
        start, end = _times(ask, row.context_code, Params(kept))
        row.start_at, row.end_at = start, end
        row.all_day, row.all_day_date = _all_day(ask, row.context_code, params, start)
    row.updated_at = ask.world.now()


def _series(ask: Ask, row: Event, which: str) -> list[Event]:
    rows = ask.world.events_of_series[row.series_uuid] if row.series_uuid else [row]
    live = sorted((one for one in rows if one.state != DELETED), key=lambda one: (one.start_at or "", one.id))
    return [one for one in live if which == "all" or (one.start_at or "") >= (row.start_at or "")]


def _change_series(ask: Ask, row: Event, which: str, params: Params, *, new_rule: bool) -> Sequence[Event]:
    """Texts go to every row; times move by the same wall-clock step; a new rule makes the rows anew."""
    rows, world = _series(ask, row, which), ask.world
    zone = world.zone_of(row.context_code)
    start, end = _times(
        ask, row.context_code, Params({"start_at": row.start_at, "end_at": row.end_at, **params.values})
    )
    moved = _day(start, zone) != _day(row.start_at, zone)
    if moved and which == "all" and not row.series_head:
        raise bad_request("You may not change the start date when changing all events in the series")
    if new_rule:
        rows = _again(ask, row, rows, (at(start or ""), at(end or "")), params.text("rrule") or "")
    elif start and end and row.start_at and (start, end) != (row.start_at, row.end_at):
        step, length = _step(start, zone) - _step(row.start_at, zone), instant(end) - instant(start)
        for one in rows:
            first = local(one.start_at or start, zone) + step
            one.start_at, one.end_at = at(first), at(first + length)
    if not new_rule and moved and which == "following":
        world.make_series(rows, row.rrule or "")
    for one in rows:
        _set_plain(one, params)
        one.updated_at = world.now()
    return rows


def _day(text: str | None, zone: str) -> date | None:
    return local(text, zone).date() if text else None


def _step(text: str, zone: str) -> timedelta:
    """Wall-clock time since a fixed day, for differences that clock changes do not touch."""
    wall = local(text, zone).replace(tzinfo=None)
    return wall - wall.min


def _again(ask: Ask, row: Event, rows: list[Event], head: tuple[str, str], rrule: str) -> list[Event]:
    world, zone = ask.world, ask.world.zone_of(row.context_code)
    length = instant(head[1]) - instant(head[0])
    try:
        starts = occurrences(read_rule(rrule), local(head[0], zone))
    except RuleError as error:
        raise bad_request(str(error)) from error
    for surplus in rows[len(starts) :]:
        world.delete_event(surplus.id)
    kept = rows[: len(starts)]
    for one, first in zip(kept, starts, strict=False):
        one.start_at, one.end_at = at(first), at(first + length)
    kept += [world.add_event(row.context_code, row.title, first, first + length) for first in starts[len(kept) :]]
    world.make_series(kept, rrule)
    return kept


def delete(ask: Ask) -> Any:
    """A plain event answers itself; any event of a series answers a list."""
    row, which = _addressed(ask)
    rows = [row] if which == "one" else _series(ask, row, which)
    for one in rows:
        ask.world.delete_event(one.id)
    bodies = [event_json(ask, one) for one in rows]
    return bodies if row.series_uuid else bodies[0]
