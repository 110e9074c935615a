"""Creating and changing the organisation's people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from tortoise.expressions import Subquery

from db.models import Enrollment, Facility, ProviderLink, SchoolClass, User
from db.queries import scoping
from db.transactions import lock
from domain.enums import EnrollmentStatus, Role
from domain.names import person_key
from domain.problems import Conflict, InvalidInput, NameTaken, NotAllowed, NotFound
from domain.refs import UserRef
from services import audit, text
from services.access import require_change, require_facility, require_grant, require_role
from services.enrollment_ending import end_open
from services.feeds import end_feeds, end_feeds_for_others
from services.operation import Operation
from services.writing import writing

TAKEN = {
    "user_username": NameTaken("There is already a person with that user name.", ["username"]),
    "user_doc_id": NameTaken("There is already a person with that document id.", ["docId"]),
}
EMAIL_TAKEN = NameTaken("Somebody else has that e-mail address, and people sign in by it.", ["email"])
MOVED = "The person moved to another facility."


class UserFields(TypedDict, total=False):
    """What is known of a person. What is left out stays as it is."""

    username: str
    first_name: str
    last_name: str
    email: str | None
    doc_id: str | None
    role: Role
    facility_id: int | None


RULES: dict[str, text.Rule] = {
    "username": text.username,
    "first_name": text.name,
    "last_name": text.optional_name,
    "email": text.email,
    "doc_id": text.optional,
    "role": text.given,
    "facility_id": text.anything,
}


async def create_user(op: Operation, fields: UserFields) -> UserRef:
    """A new person. A facility admin's people are students of the own facility, which may be left out.

    Errors: NotAllowed for students and for a role above what the viewer may give; InvalidInput; NotFound for a facility
            out of scope; NameTaken for a user name or document id, and for an e-mail where people sign in by it.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "create people")
    default: UserFields = {"username": "", "first_name": "", "last_name": "", "role": Role.STUDENT, "facility_id": None}
    values = text.checked({**default, **fields}, RULES)
    require_grant(op.scope, values["role"], "role")
    if values["facility_id"] is None and not op.scope.everywhere:
        values["facility_id"] = op.scope.facility_id
    await require_place(op, values["role"], values["facility_id"])
    async with writing(op, **TAKEN):
        if await has_email_of_another(op, values.get("email")):
            raise EMAIL_TAKEN
        row = await User.create(**(values | keys(values)))
        ref = UserRef(row.id)
        await audit.record(op, "createUser", ref, row.facility_id, None, audit.changes({}, values)[1])
    return ref


async def update_user(op: Operation, ref: UserRef, fields: UserFields) -> UserRef:
    """Change what is given. Another facility is a transfer: Canvas links stay, open enrolments in the classes of the
    old one end as TRANSFERRED.

    Errors: NotAllowed for students, for people the viewer may not change, for the own role and for a role above what
            the viewer may give; NotFound out of scope; InvalidInput; NameTaken; Conflict for a student with open
            enrolments or links who is to be something else.
    """
    values = text.checked(fields, RULES)
    async with writing(op, **TAKEN):
        row = await locked_person(op, ref)
        before, after = audit.changes({name: getattr(row, name) for name in RULES}, values)
        if not after:
            return ref
        await _require_role_change(op, row, values)
        if row.deactivated_at is None and await has_email_of_another(op, after.get("email")):
            raise EMAIL_TAKEN
        if {"role", "facility_id"} & after.keys():
            await require_place(op, values.get("role", row.role), values.get("facility_id", row.facility_id))
        old, was = row.facility_id, row.role
        row.update_from_dict(values)
        row.update_from_dict(keys({name: getattr(row, name) for name in RULES}))
        await row.save()
        if "facility_id" in after:
            after["ended_enrollments"] = await end_at(op, row.id, old)
            after["revoked_feeds"] = await end_feeds(op, [row.id])
            await audit.record_all(op, "updateUser", audit.moved_away(ref, old))
        elif "role" in after and values["role"].rank < was.rank:
            after["revoked_feeds"] = await end_feeds_for_others(op, row.id)
        await audit.record(op, "updateUser", ref, row.facility_id, before, after)
    return ref


async def has_email_of_another(op: Operation, email: str | None) -> bool:
    """Whether people sign in by e-mail and somebody has this one: it would let neither of them in."""
    by_email = op.engine.subject == "email" and email is not None
    return by_email and await User.exists(email=email, deactivated_at=None)


async def locked_person(op: Operation, ref: UserRef) -> User:
    """Somebody the viewer may change, inside a transaction. Errors: NotAllowed; NotFound out of scope."""
    require_role(op.scope, Role.FACILITY_ADMIN, "change people")
    row = await lock(User.filter(scoping.people(op.scope), id=ref.id)).first()
    if row is None:
        raise NotFound("There is no such person.", ["id"])
    require_change(op.scope, row.role, "id")
    return row


async def end_at(op: Operation, user_id: int, facility_id: int | None) -> int:
    """End a person's open enrolments in the classes of a facility they left; how many they were."""
    taught_there = Subquery(SchoolClass.filter(facility_id=facility_id).values("id"))
    theirs = Enrollment.filter(user_id=user_id, school_class_id__in=taught_there)
    return await end_open(op, theirs, EnrollmentStatus.TRANSFERRED, MOVED)


async def require_place(op: Operation, role: Role, facility_id: int | None) -> None:
    """Raise NotFound for a facility out of scope, and InvalidInput for a facility admin of none."""
    require_facility(op.scope, facility_id, "facilityId")
    if facility_id is None and role is Role.FACILITY_ADMIN:
        raise InvalidInput("A facility admin needs a facility.", ["facilityId"])
    if facility_id is not None and not await Facility.exists(id=facility_id):
        raise NotFound("There is no such facility.", ["facilityId"])


def keys(values: Mapping[str, Any]) -> dict[str, str]:
    """The columns that people are found and sorted by."""
    full = person_key(values["first_name"], values["last_name"])
    return {"username_key": values["username"].casefold(), "sort_key": full}


async def _require_role_change(op: Operation, row: User, values: Mapping[str, Any]) -> None:
    role = values.get("role", row.role)
    if role is row.role:
        return
    if row.id == op.scope.user_id:
        raise NotAllowed("You may not change your own role.", ["role"])
    require_grant(op.scope, role, "role")
    if row.role is Role.STUDENT:
        enrolled = await Enrollment.exists(user_id=row.id, status=EnrollmentStatus.ENROLLED)
        if enrolled or await ProviderLink.exists(user_id=row.id, unlinked_at=None):
            raise Conflict("End this student's enrolments and links first.", ["role"])
