"""Cancelling, moving and restoring single occurrences. The cancelled and the moved one know each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.models import EventOverride
from domain.problems import Conflict
from domain.refs import NativeClassRef, NativeEventRef
from services import audit, text
from services.event_fields import require_length, require_room, require_start
from services.event_rows import Held, held, override_of, require_no_attendance
from services.operation import Operation
from services.writing import writing


async def cancel_event(op: Operation, ref: NativeEventRef, reason: str | None) -> NativeEventRef:
    """Cancel one occurrence, or one where it was moved to.

    Errors: NotAllowed for students and for another facility's class; NotFound; Conflict where attendance is recorded,
            and for an occurrence that was moved away.
    """
    said = text.optional(reason, "reason", 1_000)
    async with writing(op):
        of = await held(op, ref)
        await _require_unrecorded(ref)
        override = await override_of(ref)
        if ref.is_moved and (override is None or override.moved_to is None):
            raise Conflict("This session was not moved there.", ["id"])
        if not ref.is_moved and override is not None and override.moved_to is not None:
            raise Conflict("This session was moved. Cancel it where it takes place now.", ["id"])
        await _write(ref, override, {"cancelled": True, "reason": said})
        await _record(op, "cancelClassEvent", of, ref, {"reason": said})
    return ref


async def reschedule_event(
    op: Operation,
    ref: NativeEventRef,
    starts_at: datetime,
    duration: timedelta | None,
    room_id: int | None,
    reason: str | None,
) -> NativeEventRef:
    """Move one occurrence, or move it again; the answer is the moved one.

    Shape:  `duration` and `room_id`: None for those of the series.
    Errors: as `cancel_event`; InvalidInput for a duration that is none.
    """
    said = text.optional(reason, "reason", 1_000)
    if duration is not None:
        require_length(duration)
    require_start(starts_at)
    async with writing(op):
        of = await held(op, ref)
        for one in (ref.original, ref.moved):
            await _require_unrecorded(one)
        values = {
            "cancelled": False,
            "moved_to": starts_at.replace(microsecond=0),
            "seconds": int(duration.total_seconds()) if duration is not None else None,
            "room_id": await require_room(room_id, of.school_class.facility_id),
            "reason": said,
        }
        await _write(ref, await override_of(ref), values)
        await _record(op, "rescheduleClassEvent", of, ref, {"moved_to": starts_at, "reason": said})
    return ref.moved


async def restore_event(op: Operation, ref: NativeEventRef) -> NativeEventRef:
    """Let an occurrence be as the rule has it again.

    Errors: as `cancel_event`; Conflict for one that was neither cancelled nor moved.
    """
    async with writing(op):
        of = await held(op, ref)
        override = await override_of(ref)
        if override is None:
            raise Conflict("This session was neither cancelled nor moved.", ["id"])
        await _require_unrecorded(ref.moved)
        await override.delete()
        await _record(op, "restoreClassEvent", of, ref, {})
    return ref.original


async def _require_unrecorded(ref: NativeEventRef) -> None:
    await require_no_attendance(ref.event, ref.occurrence, only=True)


async def _write(ref: NativeEventRef, override: EventOverride | None, values: dict[str, Any]) -> None:
    if override is None:
        await EventOverride.create(event_id=ref.event, occurrence=ref.original.occurrence, **values)
    else:
        await override.update_from_dict(values).save()


async def _record(op: Operation, action: str, of: Held, ref: NativeEventRef, after: dict[str, Any]) -> None:
    said = audit.changes({}, {"event": ref.event, "occurrence": ref.occurrence, **after})[1]
    await audit.record(op, action, NativeClassRef(of.school_class.id), of.school_class.facility_id, None, said)
