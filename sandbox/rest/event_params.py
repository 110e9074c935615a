"""What a client writes into an event."""

from __future__ import annotations

from sandbox.ask import Ask
from sandbox.params import Params
from sandbox.refusals import bad_request
from sandbox.world.rows import Event
from sandbox.world.times import at, instant, local, midnight

PLAIN = ("title", "description", "location_name", "location_address")


def event_times(ask: Ask, code: str, params: Params) -> tuple[str | None, str | None]:
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


def whole_day(ask: Ask, code: str, params: Params, start: str | None) -> tuple[bool, str | None]:
    if not params.flag("all_day") or start is None:
        return False, None
    return True, local(start, ask.world.zone_of(code)).date().isoformat()


def set_texts(row: Event, params: Params) -> None:
    for name in PLAIN:
        if name in params:
            setattr(row, name, params.text(name))
    if "blackout_date" in params:
        row.blackout_date = bool(params.flag("blackout_date"))
