"""Calendar event objects."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.world.rows import DELETED, Event

WORDS = {"DAILY": "Daily", "WEEKLY": "Weekly", "MONTHLY": "Monthly", "YEARLY": "Annually"}


def event_json(ask: Ask, row: Event) -> dict[str, Any]:
    """One event; a child of a section names its course in `effective_context_code`, a parent with children is hidden."""
    world, excluded = ask.world, set(ask.params.many("excludes"))
    course = world.course_of(row.context_code)
    children = [child for child in world.children_of_event.get(row.id, ()) if child.state != DELETED]
    body: dict[str, Any] = {
        **_own(row),
        "type": "event",
        "context_name": _context_name(ask, row),
        "context_color": None,
        "all_context_codes": row.context_code,
        "effective_context_code": f"course_{course.id}" if course and row.parent_id is not None else None,
        "hidden": bool(children),
        "child_events_count": len(children),
        "important_dates": False,
        "comments": None,
        "duplicates": [],
        "url": f"{ask.base}/api/v1/calendar_events/{row.id}",
        "html_url": f"{ask.base}/calendar?event_id={row.id}&include_contexts={row.context_code}",
    }
    if "description" not in excluded:
        body["description"] = row.description
    if "child_events" not in excluded:
        body["child_events"] = [event_json(ask, child) for child in children]
    if row.series_head:
        body["series_head"] = True
    if "series_natural_language" in ask.params.many("include") and row.rrule:
        body["series_natural_language"] = _in_words(row.rrule)
    return body


def _own(row: Event) -> dict[str, Any]:
    """What the row itself says."""
    return {
        "id": row.id,
        "title": row.title,
        "start_at": row.start_at,
        "end_at": row.end_at,
        "all_day": row.all_day,
        "all_day_date": row.all_day_date,
        "location_name": row.location_name,
        "location_address": row.location_address,
        "workflow_state": row.state,
        "context_code": row.context_code,
        "parent_event_id": row.parent_id,
        "series_uuid": row.series_uuid,
        "rrule": row.rrule,
        "blackout_date": row.blackout_date,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _context_name(ask: Ask, row: Event) -> str:
    kind, _, number = row.context_code.rpartition("_")
    if kind == "course_section":
        return ask.world.sections[int(number)].name
    course = ask.world.course_of(row.context_code)
    if course is not None:
        return course.name
    return ask.world.users[int(number)].name if kind == "user" else row.context_code


def _in_words(rrule: str) -> str:
    parts = dict(part.split("=", 1) for part in rrule.split(";") if "=" in part)
    often = WORDS.get(parts.get("FREQ", ""), "Weekly")
    return f"{often}, {parts['COUNT']} times" if "COUNT" in parts else often
