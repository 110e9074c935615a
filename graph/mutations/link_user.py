from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef, UserRef
from graph.errors import (
    AlreadyLinkedError,
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider_link import ProviderLink, provider_link
from services.linking import link_user as link

LinkUserError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | AlreadyLinkedError
    | NotAStudentError
    | ConflictError,
    strawberry.union("LinkUserError", description="Why a person was not linked."),
]


@strawberry.input(description="A student of ours and a student's account in Canvas.")
class LinkUserInput:
    user_id: strawberry.ID = strawberry.field(description="The person; a student in your scope without a link there.")
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    canvas_user_id: str = strawberry.field(description="Canvas's own id of the account, as `canvasUsers` shows it.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `linkUser`.")
class LinkUserPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The new link.")
    errors: list[LinkUserError] = errors()


@mutation(LinkUserPayload, "Link a student to their Canvas account, so that their Canvas classes count and show.")
async def link_user(info: Info, input: Annotated[LinkUserInput, INPUT]) -> LinkUserPayload | None:
    user = UserRef(input_key(input.user_id, "userId", UserRef))
    provider = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    ref = await link(info.context.op, user, provider, input.canvas_user_id.strip())
    return LinkUserPayload(link=await provider_link(info, ref))
