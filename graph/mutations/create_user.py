from __future__ import annotations

from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef
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
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.user import User
from services import user_changes

CreateUserError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("CreateUserError", description="Why a person was not created."),
]


@strawberry.input(description="A new person of the organisation.")
class CreateUserInput:
    username: str = strawberry.field(description="The name they sign in with: one word, unique in the organisation.")
    first_name: str = strawberry.field(description="Given name or names; the only name of people who have one.")
    last_name: str = strawberry.field(default="", description="Family name or names.")
    email: str | None = strawberry.field(default=None, description="Null where none is known; never make one up.")
    doc_id: str | None = strawberry.field(
        default=None, description="The organisation's own number for the person, unique."
    )
    role: Role = strawberry.field(default=Role.STUDENT, description="What they may do; not above your own role.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where they are. Left out: a facility admin's own facility, else none."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createUser`.")
class CreateUserPayload:
    user: User | None = strawberry.field(default=None, description="The new person.")
    errors: list[CreateUserError] = errors()


@mutation(CreateUserPayload, "Create a person. Facility admins: students of their own facility.")
async def create_user(info: Info, input: Annotated[CreateUserInput, INPUT]) -> CreateUserPayload | None:
    fields = cast("user_changes.UserFields", fields_of(input, "facility_id"))
    if input.facility_id is not None:
        fields["facility_id"] = input_key(input.facility_id, "facilityId", FacilityRef)
    ref = await user_changes.create_user(info.context.op, fields)
    return CreateUserPayload(user=await subject(info, ref, User))
