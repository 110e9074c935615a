"""The event a change is about: locked, in scope, and of a class the viewer may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from db.models import AttendanceRecord, ClassEvent, EventOverride, SchoolClass
from db.queries.events import events_by_ids
from db.transactions import lock
from domain.enums import Role
from domain.problems import Conflict, NotFound
from domain.refs import NativeClassRef, NativeEventRef
from services.access import require_role
from services.class_changes import locked_class
from services.operation import Operation
from services.series import Occurrence, Series, find

RECORDED = Conflict("Attendance is recorded for it. Change a later session, with FOLLOWING for all after it.", ["id"])


@dataclass(frozen=True, slots=True)
class Held:
    """An event, its class and the occurrence that was named."""

    row: ClassEvent
    school_class: SchoolClass
    series: Series
    occurrence: Occurrence


async def held(op: Operation, ref: NativeEventRef, path: str = "id") -> Held:
    """Lock an event inside a transaction. `path` is the input field that names it.

    Errors: NotFound for what does not exist for the viewer; NotAllowed for students and for another facility's class.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "change classes")
    seen = await events_by_ids(op.scope, [ref.event])
    if not seen:
        raise missing(path)
    school_class = await locked_class(op, NativeClassRef(seen[0].school_class_id), path)
    row = await lock(ClassEvent.filter(id=ref.event)).first()
    if row is None:
        raise missing(path)
    series = series_of(row)
    occurrence = find(series, ref.original.occurrence)
    if occurrence is None:
        raise missing(path)
    return Held(row, school_class, series, occurrence)


def missing(path: str) -> NotFound:
    """What is said of an event that does not exist for the viewer, whether or not it exists for others."""
    return NotFound("There is no such event.", [path])


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
