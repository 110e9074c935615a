"""Taking people out of every list and count, and bringing them back."""

from __future__ import annotations

from db.models import Enrollment, SchoolClass
from db.queries.enrollments import seats_taken
from db.transactions import lock
from domain.enums import EnrollmentStatus
from domain.problems import Conflict, NotAllowed
from domain.refs import UserRef
from services import audit
from services.feeds import end_feeds_for_others
from services.operation import Operation
from services.program_facilities import OPEN
from services.user_changes import has_email_of_another, locked_person
from services.writing import writing


async def deactivate_user(op: Operation, ref: UserRef) -> UserRef:
    """Nothing of the person is deleted: their enrolments and links count again once they are back. Calendars of others that
    they published are revoked for good: they know the addresses.

    Deactivated already: nothing happens.
    Errors: NotAllowed for students, for oneself and for people the viewer may not change; NotFound out of scope.
    """
    async with writing(op):
        row = await locked_person(op, ref)
        if row.id == op.scope.user_id:
            raise NotAllowed("You may not deactivate yourself.", ["id"])
        if row.deactivated_at is not None:
            return ref
        row.deactivated_at = op.now()
        await row.save(update_fields=["deactivated_at"])
        after = {"deactivated_at": str(row.deactivated_at), "revoked_feeds": await end_feeds_for_others(op, row.id)}
        await audit.record(op, "deactivateUser", ref, row.facility_id, {"deactivated_at": None}, after)
    return ref


async def reactivate_user(op: Operation, ref: UserRef) -> UserRef:
    """The person is back, with the enrolments and links they had. Not deactivated: nothing happens.

    Errors: NotAllowed for students and for people the viewer may not change; NotFound out of scope; Conflict where a
            class of theirs has no seat left; NameTaken where somebody has their e-mail by now and people sign in by it.
    """
    async with writing(op):
        classes = await _their_classes(ref)
        row = await locked_person(op, ref)
        if row.deactivated_at is None:
            return ref
        await _require_seats(classes)
        if await has_email_of_another(op, row.email):
            raise Conflict("Somebody else has this person's e-mail address, and people sign in by it.", ["id"])
        before = {"deactivated_at": str(row.deactivated_at)}
        row.deactivated_at = None
        await row.save(update_fields=["deactivated_at"])
        await audit.record(op, "reactivateUser", ref, row.facility_id, before, {"deactivated_at": None})
    return ref


async def _their_classes(ref: UserRef) -> list[SchoolClass]:
    """Locked before the person, as everywhere."""
    theirs = Enrollment.filter(user_id=ref.id, status=EnrollmentStatus.ENROLLED)
    ids = await theirs.values_list("school_class_id", flat=True)
    return await lock(SchoolClass.filter(id__in=ids, status__in=OPEN, capacity__not_isnull=True).order_by("id"))


async def _require_seats(classes: list[SchoolClass]) -> None:
    taken = await seats_taken([row.id for row in classes])
    full = sorted(row.name for row in classes if row.capacity is not None and taken.get(row.id, 0) >= row.capacity)
    if full:
        raise Conflict(f"There is no seat left for this person in: {', '.join(full)}. End the enrolment first.", ["id"])
