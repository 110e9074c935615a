from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderLinkRef
from graph.enums import LinkAction
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
from services.link_changes import resolve_link as resolve

ResolveLinkError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | AlreadyLinkedError
    | NotAStudentError
    | ConflictError,
    strawberry.union("ResolveLinkError", description="Why nothing was done about a link."),
]


@strawberry.input(description="What to do about a link whose Canvas account has changed.")
class ResolveLinkInput:
    link_id: strawberry.ID = strawberry.field(description="A live link with a `proposal`.")
    action: LinkAction = strawberry.field(description="What to do. To undo the link, use `unlinkUser`.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `resolveLink`.")
class ResolveLinkPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The link that is live now.")
    errors: list[ResolveLinkError] = errors()


@mutation(
    ResolveLinkPayload, "Keep a link whose Canvas account was renamed, or follow one that was merged into another."
)
async def resolve_link(info: Info, input: Annotated[ResolveLinkInput, INPUT]) -> ResolveLinkPayload | None:
    ref = ProviderLinkRef(input_key(input.link_id, "linkId", ProviderLinkRef))
    return ResolveLinkPayload(link=await provider_link(info, await resolve(info.context.op, ref, input.action)))
