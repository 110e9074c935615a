"""Putting people into native classes, and saying how they left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.models import Enrollment, EnrollmentChange, SchoolClass, User
from db.queries import enrollments, scoping
from db.transactions import lock
from domain.catalog import CANVAS_READ_ONLY
from domain.enums import EnrollmentStatus, EnrollOutcome, Role
from domain.problems import Conflict, InvalidInput, NotAStudent, NotFound, Problem, ReadOnly
from domain.refs import CanvasEnrollmentRef, ClassRef, EnrollmentRef, NativeClassRef, NativeEnrollmentRef
from services import audit, text
from services.access import require_role
from services.class_changes import locked_class
from services.enrollment_ending import change
from services.operation import Operation
from services.program_facilities import OPEN
from services.writing import writing

MOST = 1_000
TAKEN = Conflict("Somebody else has just enrolled one of these people. Ask again.")
FULL = Conflict("There is no seat left in this class.", ["id"])
REASONS: dict[EnrollOutcome, Problem] = {
    EnrollOutcome.NOT_FOUND: NotFound("There is no such person.", ["userIds"]),
    EnrollOutcome.NOT_A_STUDENT: NotAStudent("Only students are enrolled.", ["userIds"]),
    EnrollOutcome.DEACTIVATED: Conflict("This person is deactivated: reactivate them first.", ["userIds"]),
    EnrollOutcome.NO_SEAT: Conflict("There is no seat left in this class.", ["userIds"]),
}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one person; `enrollment` is theirs where they are in the class now."""

    user_id: int
    outcome: EnrollOutcome
    enrollment: NativeEnrollmentRef | None = None


async def enroll_users(op: Operation, ref: ClassRef, user_ids: Sequence[int]) -> list[Enrolled]:
    """Enrol people in the order given, as long as there are seats.

    Shape:  one outcome per distinct person, in their order; some may be enrolled and others not.
    Errors: NotAllowed for students and for a class of another facility; ReadOnly for Canvas; NotFound for the class;
            InvalidInput for nobody or more than 1,000; Conflict for a class that is over.
    """
    ids = list(dict.fromkeys(user_ids))
    if not 0 < len(ids) <= MOST:
        raise InvalidInput(f"Name 1 to {MOST} people.", ["userIds"])
    async with writing(op, enrollment_live=TAKEN):
        row = await locked_class(op, ref, "classId")
        require_open(row, "classId")
        people = await lock(User.filter(scoping.people(op.scope), id__in=ids).order_by("id"))
        outcomes = await _outcomes(row, ids, {person.id: person for person in people})
        new = [id for id in ids if outcomes[id] is EnrollOutcome.ENROLLED]
        await _enroll(op, row, new)
        places = {person.id: person.facility_id for person in people}
        await audit.record_of_people(
            op,
            "enrollUsers",
            NativeClassRef(row.id),
            {id: places[id] for id in new},
            lambda those: {"enrolled_user_ids": those},
        )
        refs = await _live(row, ids)
    return [Enrolled(id, outcomes[id], refs.get(id)) for id in ids]


async def update_enrollment(
    op: Operation, ref: EnrollmentRef, status: EnrollmentStatus, reason: str | None
) -> NativeEnrollmentRef:
    """Say where a person is in a class now. Anything but ENROLLED ends the enrolment; ENROLLED takes that back.

    Errors: NotAllowed for students; ReadOnly for Canvas; NotFound out of scope; InvalidInput; and for ENROLLED
            Conflict without a seat, in a class that is over or twice, NotAStudent.
    """
    if isinstance(ref, CanvasEnrollmentRef):
        raise ReadOnly(CANVAS_READ_ONLY, ["id"])
    require_role(op.scope, Role.FACILITY_ADMIN, "change enrolments")
    why = text.optional(reason, "reason", 1_000)
    async with writing(op, enrollment_live=Conflict("This person is in the class by another enrolment.", ["id"])):
        row, school_class = await _locked(op, ref)
        before = {"status": row.status, "ended_at": row.ended_at}
        if row.status is status:
            return ref
        if status is EnrollmentStatus.ENROLLED:
            await _require_possible(row, school_class)
            row.ended_at = None
        elif row.status is EnrollmentStatus.ENROLLED:
            row.ended_at = op.now()
        step = change(op, row.id, row.status, status, why)
        row.status = status
        await row.save(update_fields=["status", "ended_at"])
        await step.save()
        changed = audit.changes(before, {"status": row.status, "ended_at": row.ended_at})
        await audit.record(op, "updateEnrollment", ref, school_class.facility_id, *changed)
    return ref


def why_nobody(found: Sequence[Enrolled]) -> list[Problem]:
    """The reasons, each once, where nobody is in the class; none where anybody is."""
    outcomes = dict.fromkeys(row.outcome for row in found)
    return [] if outcomes.keys() - REASONS.keys() else [REASONS[outcome] for outcome in outcomes]


def require_open(row: SchoolClass, path: str) -> None:
    """Raise Conflict for a class that takes nobody any more."""
    if row.status not in OPEN:
        raise Conflict("This class is over: nobody can be enrolled.", [path])


async def _outcomes(row: SchoolClass, ids: Sequence[int], people: Mapping[int, User]) -> dict[int, EnrollOutcome]:
    already = await _live(row, ids)
    taken = (await enrollments.seats_taken([row.id])).get(row.id, 0)
    outcomes: dict[int, EnrollOutcome] = {}
    for id in ids:
        outcome = _outcome(people.get(id), already)
        if outcome is EnrollOutcome.ENROLLED:
            taken += 1
            if row.capacity is not None and taken > row.capacity:
                outcome = EnrollOutcome.NO_SEAT
        outcomes[id] = outcome
    return outcomes


def _outcome(person: User | None, already: Mapping[int, NativeEnrollmentRef]) -> EnrollOutcome:
    if person is None:
        return EnrollOutcome.NOT_FOUND
    if person.id in already:
        return EnrollOutcome.ALREADY_ENROLLED
    if person.role is not Role.STUDENT:
        return EnrollOutcome.NOT_A_STUDENT
    if person.deactivated_at is not None:
        return EnrollOutcome.DEACTIVATED
    return EnrollOutcome.ENROLLED


async def _enroll(op: Operation, row: SchoolClass, user_ids: Sequence[int]) -> None:
    status = EnrollmentStatus.ENROLLED
    await Enrollment.bulk_create(
        Enrollment(school_class_id=row.id, user_id=id, status=status, enrolled_at=op.now()) for id in user_ids
    )
    refs = await _live(row, user_ids)
    await EnrollmentChange.bulk_create(change(op, refs[id].id, None, status) for id in user_ids)


async def _live(row: SchoolClass, user_ids: Sequence[int]) -> dict[int, NativeEnrollmentRef]:
    found = Enrollment.filter(school_class_id=row.id, user_id__in=list(user_ids), status=EnrollmentStatus.ENROLLED)
    return {user: NativeEnrollmentRef(id) for user, id in await found.values_list("user_id", "id")}


async def _locked(op: Operation, ref: NativeEnrollmentRef) -> tuple[Enrollment, SchoolClass]:
    """The rows, the class first as everywhere. Errors: NotFound out of scope."""
    visible = await enrollments.enrollments_by_ids(op.scope, [ref.id])
    if not visible:
        raise NotFound("There is no such enrolment.", ["id"])
    school_class = await lock(SchoolClass.filter(id=visible[0].school_class_id)).get()
    return await lock(Enrollment.filter(id=ref.id)).get(), school_class


async def _require_possible(row: Enrollment, school_class: SchoolClass) -> None:
    require_open(school_class, "id")
    person = await lock(User.filter(id=row.user_id)).get()
    if person.role is not Role.STUDENT:
        raise NotAStudent("Only students are enrolled.", ["id"])
    if person.deactivated_at is not None:
        raise Conflict("This person is deactivated: reactivate them first.", ["id"])
    taken = (await enrollments.seats_taken([school_class.id])).get(school_class.id, 0)
    if school_class.capacity is not None and taken >= school_class.capacity:
        raise FULL
