from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.events import Event, Overlap, Schedule, Timeline
from domain.filters import CalendarFilter
from domain.refs import ClassRef, EventRef, NativeEventRef
from resolvers.context import Context
from services import calendar, schedules
from services import overlaps as overlapping


async def timeline(ctx: Context, start: date, end: date, narrowed: CalendarFilter) -> Timeline:
    return await calendar.calendar(ctx.op.loaders, calendar.days_of(start, end), narrowed)


async def events_of_classes(
    ctx: Context, refs: Sequence[ClassRef], view: int | None, start: date, end: date
) -> list[list[Event] | None]:
    return await calendar.events_of_classes(ctx.op.loaders, calendar.days_of(start, end), refs, view)


async def events_by_refs(ctx: Context, refs: Sequence[EventRef]) -> list[Event | None]:
    return await calendar.events_by_refs(ctx.op.loaders, refs)


async def schedules_of_classes(ctx: Context, refs: Sequence[ClassRef], view: int | None) -> list[Schedule | None]:
    return await schedules.schedules(ctx.op.loaders, refs, view)


async def overlaps(ctx: Context, ref: NativeEventRef) -> list[Overlap]:
    return await overlapping.overlaps(ctx.op.loaders, ref)
