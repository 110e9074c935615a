from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef, UserRef
from graph.errors import (
    AlreadyLinkedError,
    ConflictError,
    InvalidInputError,
    LoginTakenError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider_link import ProviderLink, provider_link
from services.canvas_accounts import create_canvas_account as create

CreateCanvasAccountError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | UpstreamRejectedError
    | AlreadyLinkedError
    | NotAStudentError
    | LoginTakenError
    | ConflictError,
    strawberry.union("CreateCanvasAccountError", description="Why no account was made."),
]


@strawberry.input(description="Who is to have an account, and where.")
class CreateCanvasAccountInput:
    user_id: strawberry.ID = strawberry.field(description="A student in your scope without a link there.")
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    link_existing: bool = strawberry.field(
        default=False, description="Where somebody has the login already, link that account instead of asking back."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createCanvasAccount`.")
class CreateCanvasAccountPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The link to the account.")
    errors: list[CreateCanvasAccountError] = errors()


@mutation(
    CreateCanvasAccountPayload,
    "Make a Canvas account, with the person's user name as its login, for a student who has none, and link the two.",
)
async def create_canvas_account(
    info: Info, input: Annotated[CreateCanvasAccountInput, INPUT]
) -> CreateCanvasAccountPayload | None:
    user = UserRef(input_key(input.user_id, "userId", UserRef))
    provider = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    ref = await create(info.context.op, user, provider, link_existing=input.link_existing)
    return CreateCanvasAccountPayload(link=await provider_link(info, ref))
