from __future__ import annotations

from collections.abc import Sequence

from domain.catalog import SourceStatus
from domain.events import Attendance, AttendanceFlag, Event
from domain.refs import ClassRef, EventRef, NativeEventRef
from domain.rows import User
from resolvers.context import Context
from services import at_risk, attendance


async def attendance_of_events(ctx: Context, refs: Sequence[EventRef]) -> list[list[Attendance]]:
    return await attendance.attendance_of_events(ctx.op.loaders, _native(refs))


async def missing(ctx: Context, held: Sequence[Event]) -> list[list[User] | None]:
    return await attendance.missing(ctx.op.loaders, held)


def _native(refs: Sequence[EventRef]) -> list[NativeEventRef]:
    return [ref for ref in refs if isinstance(ref, NativeEventRef)]


async def class_rates(ctx: Context, refs: Sequence[ClassRef], view: int | None) -> list[float | None]:
    return await attendance.class_rates(ctx.op.loaders, refs, view)


async def user_rates(ctx: Context, ids: Sequence[int]) -> list[float | None]:
    return await attendance.user_rates(ctx.op.loaders, ids)


async def flags_of_classes(
    ctx: Context, refs: Sequence[ClassRef], view: int | None
) -> list[list[AttendanceFlag] | None]:
    return await at_risk.at_risk(ctx.op.loaders, refs, view)


async def analytics_status(ctx: Context, refs: Sequence[ClassRef]) -> list[SourceStatus | None]:
    return await at_risk.analytics_status(ctx.op.loaders, refs)
