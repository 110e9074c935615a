"""The event a change is about: locked, in scope, and of a class the viewer may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from db.models import AttendanceRecord, ClassEvent, EventOverride, SchoolClass
from db.transactions import lock
from domain.problems import Conflict, NotFound
from domain.refs import NativeClassRef, NativeEventRef
from services.class_changes import locked_class
from services.operation import Operation
from services.series import Occurrence, Series, find

MISSING = NotFound("There is no such event.", ["id"])
RECORDED = Conflict("Attendance is recorded for it. Change a later session, with FOLLOWING for all after it.", ["id"])


@dataclass(frozen=True, slots=True)
class Held:
    """An event, its class and the occurrence that was named."""

    row: ClassEvent
    school_class: SchoolClass
    series: Series
    occurrence: Occurrence


async def held(op: Operation, ref: NativeEventRef) -> Held:
    """Lock an event inside a transaction.

    Errors: NotFound for what does not exist for the viewer; NotAllowed for students and for another facility's class.
    """
    class_id = await ClassEvent.filter(id=ref.event).values_list("school_class_id", flat=True)
    if not class_id:
        raise MISSING
    school_class = await locked_class(op, NativeClassRef(int(str(class_id[0]))))
    row = await lock(ClassEvent.filter(id=ref.event)).first()
    if row is None:
        raise MISSING
    series = series_of(row)
    occurrence = find(series, ref.original.occurrence)
    if occurrence is None:
        raise MISSING
    return Held(row, school_class, series, occurrence)


def series_of(row: ClassEvent) -> Series:
    """The series a row stands for."""
    return Series(row.starts_at, ZoneInfo(row.time_zone), timedelta(seconds=row.seconds), row.rule, row.ends_at)


async def override_of(ref: NativeEventRef) -> EventOverride | None:
    """What became of one occurrence so far."""
    return await lock(EventOverride.filter(event_id=ref.event, occurrence=ref.original.occurrence)).first()


async def require_no_attendance(event_id: int, key: str | None, *, only: bool = False) -> None:
    """Raise Conflict where attendance is recorded: for any occurrence (None), from that one on, or for it `only`."""
    found = AttendanceRecord.filter(event_id=event_id)
    if key is not None:
        found = found.filter(occurrence=key) if only else found.filter(occurrence__gte=key)
    if await found.exists():
        raise RECORDED
