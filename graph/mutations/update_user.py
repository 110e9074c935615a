from __future__ import annotations

from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef, UserRef
from graph.enums import Role
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.user import User
from services import user_changes

UpdateUserError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | NameTakenError | ConflictError,
    strawberry.union("UpdateUserError", description="Why a person was not changed."),
]


@strawberry.input(description="What to change about a person.")
class UpdateUserInput:
    id: strawberry.ID = strawberry.field(description="The person.")
    username: str | None = changeable("The name they sign in with: one word, unique in the organisation.")
    first_name: str | None = changeable("Given name or names.")
    last_name: str | None = changeable("Family name or names; null for people with one name.")
    email: str | None = changeable("Their address; null for none.")
    doc_id: str | None = changeable("The organisation's own number for the person, unique; null for none.")
    role: Role | None = changeable("What they may do; not above your own role, and never your own role.")
    facility_id: strawberry.ID | None = changeable(
        "Where they are; null for nowhere. Another facility is a transfer: Canvas links stay, open enrolments in the old "
        "facility's classes end as TRANSFERRED."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateUser`.")
class UpdateUserPayload:
    user: User | None = strawberry.field(default=None, description="The person as they are now.")
    errors: list[UpdateUserError] = errors()


@mutation(UpdateUserPayload, "Change a person. Facility admins: students of their own facility.")
async def update_user(info: Info, input: Annotated[UpdateUserInput, INPUT]) -> UpdateUserPayload | None:
    ref = UserRef(input_key(input.id, "id", UserRef))
    fields = cast("user_changes.UserFields", fields_of(input, "id"))
    if isinstance(input.facility_id, str):
        fields["facility_id"] = input_key(input.facility_id, "facilityId", FacilityRef)
    changed = await user_changes.update_user(info.context.op, ref, fields)
    return UpdateUserPayload(user=await subject(info, changed, User))
