"""Creating, changing and deleting native classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from db.models import Enrollment, Facility, SchoolClass
from db.queries import enrollments, programs, scoping
from db.transactions import lock
from domain.catalog import CANVAS_READ_ONLY
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.names import fold
from domain.problems import Conflict, InvalidInput, NotAllowed, NotFound, ReadOnly
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef, NativeProgramRef, ProgramRef
from services import audit, text
from services.access import require_facility, require_role
from services.class_deletion import blockers
from services.enrollment_ending import end_open
from services.offers import offer, offered
from services.operation import Operation
from services.program_changes import locked_live, require_native
from services.program_facilities import OPEN
from services.writing import writing

CANCELLED = "The class was cancelled."


class ClassFields(TypedDict, total=False):
    """What a class says of itself. What is left out stays as it is."""

    name: str
    description: str | None
    status: ClassStatus | None
    start_date: date | None
    end_date: date | None
    capacity: int | None
    credit_hours: float | None
    instructors: Sequence[str]


RULES: dict[str, text.Rule] = {
    "name": text.name,
    "description": text.LONG_TEXT,
    "status": text.given,
    "start_date": text.anything,
    "end_date": text.anything,
    "capacity": partial(text.between, least=1, most=100_000),
    "credit_hours": partial(text.between, least=0, most=10_000),
    "instructors": text.words,
}


async def create_class(op: Operation, program: ProgramRef, facility_id: int, fields: ClassFields) -> NativeClassRef:
    """A new class of a program at a facility. Without a status: SCHEDULED before its first day, else ACTIVE.

    Errors: NotAllowed for students; ReadOnly for a Canvas program; NotFound for a program or facility out of scope;
            InvalidInput; Conflict for an archived program, and for a facility admin where it is not offered.
    """
    native = require_native(program, "programId")
    require_role(op.scope, Role.FACILITY_ADMIN, "create classes")
    require_facility(op.scope, facility_id, "facilityId")
    values = text.checked({"name": "", **_without_nothing(fields)}, RULES)
    _require_order(values)
    async with writing(op):
        facility = await Facility.get_or_none(id=facility_id)
        if facility is None:
            raise NotFound("There is no such facility.", ["facilityId"])
        await _require_offer(op, native, facility_id)
        values.setdefault("status", first_status(values.get("start_date"), facility.time_zone, op.now()))
        row = await SchoolClass.create(
            **values, sort_key=fold(values["name"]), program_id=native.id, facility_id=facility_id
        )
        after = audit.changes({}, values | {"program_id": native.id})[1]
        await audit.record(op, "createClass", NativeClassRef(row.id), facility_id, None, after)
    return NativeClassRef(row.id)


async def update_class(op: Operation, ref: ClassRef, fields: ClassFields) -> NativeClassRef:
    """Change what is given. Cancelling a class ends its open enrolments as CANCELLED.

    Errors: NotAllowed for students and for a class of another facility; ReadOnly for Canvas; NotFound; InvalidInput;
            Conflict for fewer seats than are taken, and for opening a class of an archived program.
    """
    values = text.checked(fields, RULES)
    async with writing(op):
        row = await locked_class(op, ref)
        if values.get("status") in OPEN and row.status not in OPEN:
            await locked_live(NativeProgramRef(row.program_id))
        before, after = audit.changes({name: getattr(row, name) for name in RULES}, values)
        row.update_from_dict(values)
        _require_order({"start_date": row.start_date, "end_date": row.end_date})
        await _require_seats(row, after)
        if after:
            row.sort_key = fold(row.name)
            await row.save()
            if after.get("status") == ClassStatus.CANCELLED:
                of_class = Enrollment.filter(school_class_id=row.id)
                ended = await end_open(op, of_class, EnrollmentStatus.CANCELLED, CANCELLED)
                after["ended_enrollments"] = ended
            await audit.record(op, "updateClass", NativeClassRef(row.id), row.facility_id, before, after)
    return NativeClassRef(row.id)


async def delete_class(op: Operation, ref: ClassRef) -> NativeClassRef:
    """Delete a class that nobody ever was in, without teams and sessions.

    Errors: NotAllowed for students and for a class of another facility; ReadOnly for Canvas; NotFound; Conflict with
            what `delete_blockers` says.
    """
    async with writing(op):
        row = await locked_class(op, ref)
        reasons = (await blockers([row.id])).get(row.id)
        if reasons:
            raise Conflict(" ".join(["This class cannot be deleted.", *reasons]), ["id"])
        row.deleted_at = op.now()
        await row.save(update_fields=["deleted_at"])
        await audit.record(op, "deleteClass", NativeClassRef(row.id), row.facility_id, {"name": row.name}, None)
    return NativeClassRef(row.id)


async def locked_class(op: Operation, ref: ClassRef, path: str = "id") -> SchoolClass:
    """A class that the viewer may change, inside a transaction.

    Errors: ReadOnly for Canvas; NotAllowed for students and for a class in scope only because own people are in it;
            NotFound.
    """
    if isinstance(ref, CanvasClassRef):
        raise ReadOnly(CANVAS_READ_ONLY, [path])
    require_role(op.scope, Role.FACILITY_ADMIN, "change classes")
    row = await lock(SchoolClass.filter(scoping.classes(op.scope), id=ref.id)).first()
    if row is None:
        raise NotFound("There is no such class.", [path])
    if not op.scope.covers_facility(row.facility_id):
        raise NotAllowed("This class is taught at another facility.", [path])
    return row


def first_status(start: date | None, time_zone: str, now: datetime) -> ClassStatus:
    """SCHEDULED before the first day where the class is taught, else ACTIVE."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return ClassStatus.SCHEDULED if start is not None and start > today else ClassStatus.ACTIVE


async def _require_offer(op: Operation, program: NativeProgramRef, facility_id: int) -> None:
    """A class is offered where it is taught: a department admin's class makes it so, others need it to be so."""
    if not await programs.programs_by_ids(op.scope, [program.id]):
        raise NotFound("There is no such program.", ["programId"])
    await locked_live(program, "programId")
    if op.scope.everywhere:
        await offer(program.id, [facility_id])
    elif facility_id not in await offered(program.id):
        raise Conflict("This program is not offered at your facility.", ["programId"])


async def _require_seats(row: SchoolClass, changed: Mapping[str, Any]) -> None:
    if changed.get("capacity") is None:
        return
    taken = (await enrollments.seats_taken([row.id])).get(row.id, 0)
    if taken > changed["capacity"]:
        raise Conflict(f"{taken} people are enrolled: there cannot be fewer seats.", ["capacity"])


def _require_order(values: Mapping[str, Any]) -> None:
    start, end = values.get("start_date"), values.get("end_date")
    if start is not None and end is not None and end < start:
        raise InvalidInput("The last day is before the first.", ["endDate"])


def _without_nothing(fields: ClassFields) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
