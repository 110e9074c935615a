"""Recording who was at a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from db.models import AttendanceRecord
from db.queries.attendance import attendance_of_events
from db.queries.events import people_of_classes
from db.queries.users import users_by_ids
from domain.enums import AttendanceMark
from domain.events import Event
from domain.problems import Conflict, InvalidInput, NotFound
from domain.refs import NativeClassRef, NativeEventRef
from services import audit, text
from services.event_rows import Held, held, missing
from services.native_events import native_events_by_refs
from services.operation import Operation
from services.writing import writing

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """How one person was. `mark` None takes their record away."""

    user_id: int
    mark: AttendanceMark | None
    minutes: int | None = None
    note: str | None = None


async def record_attendance(op: Operation, ref: NativeEventRef, entries: Sequence[Entry]) -> NativeEventRef:
    """Record all of `entries` for one session, or none of them. People who are not named keep what they have.

    Errors: NotAllowed for students and for another facility's class; NotFound for an event, or a person, out of scope;
            InvalidInput for somebody who is not in the class, or named twice; Conflict for a session that is cancelled or
            still to come.
    """
    _check(entries)
    (event,) = await native_events_by_refs(op.loaders, [ref])
    async with writing(op):
        of = await held(op, ref, "eventId")
        _require_held(op, event)
        known = {row.user_id: row for row in await attendance_of_events(op.scope, [ref])}
        people = {id for id, _ in (await people_of_classes(op.scope, [of.school_class.id])).get(of.school_class.id, ())}
        for index, entry in enumerate(entries):
            if entry.user_id not in people and entry.user_id not in known:
                raise NotFound("Nobody like that of yours is enrolled in the class.", ["records", str(index), "userId"])
        await _write(op, ref, of, event, entries)
    return ref


def _check(entries: Sequence[Entry]) -> None:
    if not 0 < len(entries) <= MOST:
        raise InvalidInput(f"Record 1 to {MOST} people at once.", ["records"])
    if len({entry.user_id for entry in entries}) < len(entries):
        raise InvalidInput("Name everybody once.", ["records"])
    for index, entry in enumerate(entries):
        if entry.minutes is not None and not 0 <= entry.minutes <= 1_440:
            raise InvalidInput("Minutes are a number from 0 to 1440.", ["records", str(index), "minutes"])


def _require_held(op: Operation, event: Event | None) -> None:
    if event is None:
        raise missing("eventId")
    if event.is_cancelled:
        raise Conflict("This session was cancelled.", ["eventId"])
    zone = ZoneInfo(event.time_zone)
    if event.starts_at.astimezone(zone).date() > op.now().astimezone(zone).date():
        raise Conflict("This session is still to come.", ["eventId"])


async def _write(op: Operation, ref: NativeEventRef, of: Held, event: Event | None, entries: Sequence[Entry]) -> None:
    rows = AttendanceRecord.filter(event_id=ref.event, occurrence=ref.occurrence)
    await rows.filter(user_id__in=[entry.user_id for entry in entries]).delete()
    made = [
        AttendanceRecord(
            event_id=ref.event,
            occurrence=ref.occurrence,
            held_at=event.starts_at if event else of.occurrence.starts_at,
            user_id=entry.user_id,
            mark=entry.mark,
            minutes=entry.minutes,
            note=text.optional(entry.note, "note", 1_000),
            recorded_at=op.now(),
            recorded_by_id=op.scope.user_id,
        )
        for entry in entries
        if entry.mark is not None
    ]
    await AttendanceRecord.bulk_create(made)
    marks = {entry.user_id: entry.mark for entry in entries}
    people = await users_by_ids(op.scope, list(marks))
    await audit.record_of_people(
        op,
        "recordAttendance",
        NativeClassRef(of.school_class.id),
        {person.id: person.facility_id for person in people},
        lambda those: {
            "event": ref.event,
            "occurrence": ref.occurrence,
            "marks": {str(id): marks[id] for id in sorted(those)},
        },
    )
