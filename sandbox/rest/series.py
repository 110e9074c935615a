"""Changing a series: its rows together, or from one row on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sandbox.ask import Ask
from sandbox.params import Params
from sandbox.refusals import bad_request
from sandbox.rest.event_params import event_times, set_texts
from sandbox.world.recurrence import RuleError, occurrences, read_rule
from sandbox.world.rows import DELETED, Event
from sandbox.world.times import at, instant, local


def rows_of_series(ask: Ask, row: Event, which: str) -> list[Event]:
    rows = ask.world.events_of_series[row.series_uuid] if row.series_uuid else [row]
    live = sorted((one for one in rows if one.state != DELETED), key=lambda one: (one.start_at or "", one.id))
    return [one for one in live if which == "all" or (one.start_at or "") >= (row.start_at or "")]


def change_series(ask: Ask, row: Event, which: str, params: Params, *, new_rule: bool) -> Sequence[Event]:
    """Texts go to every row; times move by the same wall-clock step; a new rule makes the rows anew."""
    rows, world = rows_of_series(ask, row, which), ask.world
    zone = world.zone_of(row.context_code)
    start, end = event_times(
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
        set_texts(one, params)
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
