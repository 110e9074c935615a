"""One timeline of both sources."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.errors import BadInputError
from domain.events import Event, Timeline
from domain.filters import CalendarFilter
from domain.refs import CanvasEventRef, ClassRef, EventRef, NativeEventRef, key_of
from loaders import Loaders
from services.canvas_events import canvas_events, canvas_events_by_refs
from services.days import YEARS, Days
from services.native_events import native_events, native_events_by_refs

MOST_DAYS = 400


def days_of(first: date, last: date) -> Days:
    """The days a client asks for. Errors: BadInputError for none, for too many and for far-away years."""
    if last < first:
        raise BadInputError("`end` comes before `start`.", ["end"])
    if (last - first).days >= MOST_DAYS:
        raise BadInputError(f"Ask for at most {MOST_DAYS} days at once.", ["end"])
    if first.year not in YEARS or last.year not in YEARS:
        raise BadInputError(f"There are calendars from {YEARS[0]} to {YEARS[-1]}.", ["start"])
    return Days(first, last)


async def calendar(loaders: Loaders, days: Days, narrowed: CalendarFilter) -> Timeline:
    """The events of those days that exist for the viewer, by start, then by id.

    Shape: of a student only their own classes; of a facility the classes it holds and those its people are in.
    """
    if loaders.scope.is_student:
        narrowed = replace(narrowed, user_id=loaders.scope.user_id if narrowed.user_id is None else narrowed.user_id)
    if narrowed.user_id is not None and await loaders.user_by_id.load(narrowed.user_id) is None:
        return Timeline([], [])
    native, canvas = await asyncio.gather(
        native_events(loaders, days, narrowed), canvas_events(loaders, days, narrowed)
    )
    return Timeline(in_order([*native, *canvas.events]), canvas.sources)


async def events_of_classes(
    loaders: Loaders, days: Days, refs: Sequence[ClassRef], view: int | None
) -> list[list[Event] | None]:
    """The events of each class; None where Canvas could not be read for some of those days.

    Source: as one calendar of all of them.
    """
    narrowed = CalendarFilter(classes=set(refs), facility_id=view if loaders.scope.is_admin else None)
    native, canvas = await asyncio.gather(
        native_events(loaders, days, replace(narrowed, facility_id=None)), canvas_events(loaders, days, narrowed)
    )
    of: dict[ClassRef, list[Event]] = {ref: [] for ref in refs}
    for event in in_order([*native, *canvas.events]):
        of[event.school_class].append(event)
    return [None if ref in canvas.unread else of[ref] for ref in refs]


async def events_by_refs(loaders: Loaders, refs: Sequence[EventRef]) -> list[Event | None]:
    """One answer per ref: the event, or None for what does not exist for the viewer."""
    native = [ref for ref in refs if isinstance(ref, NativeEventRef)]
    canvas = [ref for ref in refs if isinstance(ref, CanvasEventRef)]
    found: dict[EventRef, Event | None] = {}
    found |= dict(zip(native, await native_events_by_refs(loaders, native), strict=True))
    found |= dict(zip(canvas, await canvas_events_by_refs(loaders, canvas), strict=True))
    return [found[ref] for ref in refs]


def in_order(events: Sequence[Event]) -> list[Event]:
    """By instant, then by stable id."""
    return sorted(events, key=lambda event: (event.starts_at, key_of(event.ref)))
