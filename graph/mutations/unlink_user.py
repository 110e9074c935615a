from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderLinkRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider_link import ProviderLink, provider_link
from services.linking import unlink_user as unlink

UnlinkUserError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("UnlinkUserError", description="Why a link was not undone."),
]


@strawberry.input(description="The link to undo.")
class UnlinkUserInput:
    link_id: strawberry.ID = strawberry.field(description="A live link in your scope.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `unlinkUser`.")
class UnlinkUserPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The link, with `unlinkedAt`.")
    errors: list[UnlinkUserError] = errors()


@mutation(
    UnlinkUserPayload, "Undo a link: the person's Canvas classes no longer count or show. Can be restored for 30 days."
)
async def unlink_user(info: Info, input: Annotated[UnlinkUserInput, INPUT]) -> UnlinkUserPayload | None:
    ref = ProviderLinkRef(input_key(input.link_id, "linkId", ProviderLinkRef))
    await unlink(info.context.op, ref)
    return UnlinkUserPayload(link=await provider_link(info, ref))
