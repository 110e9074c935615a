from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef, ProviderRef
from graph.errors import (
    AlreadyLinkedError,
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.match_application import MatchApplication
from graph.types.provider import Provider, provider
from graph.types.provider_link import ProviderLink
from graph.types.user import User
from services.people_from_canvas import NewPerson
from services.people_from_canvas import create_user_from_canvas as create

CreateUserFromCanvasError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | AlreadyLinkedError
    | NotAStudentError
    | NameTakenError
    | ConflictError,
    strawberry.union("CreateUserFromCanvasError", description="Why nobody was created."),
]


@strawberry.input(description="A person to make from a Canvas account. What is left out comes from `suggestedUser`.")
class NewUserFromCanvas:
    canvas_user_id: str = strawberry.field(description="The account: of a student, not linked to anybody.")
    facility_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where they are; a facility admin's own when left out, needed from everybody else."
    )
    first_name: str | None = strawberry.field(default=None, description="Given name or names, in any script.")
    last_name: str | None = strawberry.field(default=None, description="Family name or names; may be empty.")
    username: str | None = strawberry.field(default=None, description="One word, unique in the organisation.")
    doc_id: str | None = strawberry.field(default=None, description="The organisation's own number for the person.")
    email: str | None = strawberry.field(default=None, description="Never make one up.")

    def person(self, *path: str) -> NewPerson:
        facility = self.facility_id
        return NewPerson(
            self.canvas_user_id.strip(),
            None if facility is None else input_key(facility, ".".join((*path, "facilityId")), FacilityRef),
            self.first_name,
            self.last_name,
            self.username,
            self.doc_id,
            self.email,
        )


@strawberry.input(description="A person to make from a Canvas account. What is left out comes from `suggestedUser`.")
class CreateUserFromCanvasInput(NewUserFromCanvas):
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createUserFromCanvas`.")
class CreateUserFromCanvasPayload:
    user: User | None = strawberry.field(default=None, description="The new student.")
    link: ProviderLink | None = strawberry.field(default=None, description="Their link to the account.")
    application: MatchApplication | None = strawberry.field(
        default=None, description="Give it to `restoreLink` to undo both."
    )
    provider: Provider | None = strawberry.field(
        default=None, description="The Canvas instance, whose lists no longer offer the two."
    )
    errors: list[CreateUserFromCanvasError] = errors()


@mutation(
    CreateUserFromCanvasPayload,
    "Create a student from a Canvas account and link the two in one step. Can be undone for 30 days.",
)
async def create_user_from_canvas(
    info: Info, input: Annotated[CreateUserFromCanvasInput, INPUT]
) -> CreateUserFromCanvasPayload | None:
    ref = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    made = await create(info.context.op, ref, input.person())
    return CreateUserFromCanvasPayload(
        user=await subject(info, made.user, User),
        link=await subject(info, made.link, ProviderLink),
        application=await subject(info, made.application, MatchApplication),
        provider=await provider(info, ref),
    )
