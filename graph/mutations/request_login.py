from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderLinkRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider_link import ProviderLink, provider_link
from services.link_changes import request_login as request

RequestLoginError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("RequestLoginError", description="Why no login was asked for."),
]


@strawberry.input(description="Whose login to ask for.")
class RequestLoginInput:
    link_id: strawberry.ID = strawberry.field(description="A live link whose `loginState` is FAILED or NONE.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `requestLogin`.")
class RequestLoginPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The link, its login pending.")
    errors: list[RequestLoginError] = errors()


@mutation(
    RequestLoginPayload,
    "Ask once more for the Canvas login of a linked person; it is made in the background, see `loginState`.",
)
async def request_login(info: Info, input: Annotated[RequestLoginInput, INPUT]) -> RequestLoginPayload | None:
    ref = ProviderLinkRef(input_key(input.link_id, "linkId", ProviderLinkRef))
    return RequestLoginPayload(link=await provider_link(info, await request(info.context.op, ref)))
