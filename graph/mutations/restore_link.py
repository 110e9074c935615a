from __future__ import annotations

from typing import Annotated

import strawberry

from domain.problems import InvalidInput
from domain.refs import MatchApplicationRef, ProviderLinkRef
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
from graph.mutations.subjects import subject
from graph.types.match_application import MatchApplication
from graph.types.provider_link import ProviderLink
from services import link_restoring

RestoreLinkError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | AlreadyLinkedError
    | NotAStudentError
    | ConflictError,
    strawberry.union("RestoreLinkError", description="Why nothing was taken back."),
]


@strawberry.input(description="What to take back: exactly one of the two.")
class RestoreLinkInput:
    link_id: strawberry.ID | None = strawberry.field(
        default=None, description="A link that was undone: it becomes live again."
    )
    application_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="What `applyMatches` or `createUserFromCanvas` did: its links end, and people it made are removed.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `restoreLink`.")
class RestoreLinkPayload:
    link: ProviderLink | None = strawberry.field(default=None, description="The link, live again.")
    application: MatchApplication | None = strawberry.field(default=None, description="The application, undone.")
    errors: list[RestoreLinkError] = errors()


@mutation(
    RestoreLinkPayload, "Take back, within 30 days, the undoing of a link, or everything that was linked in one step."
)
async def restore_link(info: Info, input: Annotated[RestoreLinkInput, INPUT]) -> RestoreLinkPayload | None:
    op = info.context.op
    if input.link_id is not None and input.application_id is None:
        link = ProviderLinkRef(input_key(input.link_id, "linkId", ProviderLinkRef))
        return RestoreLinkPayload(link=await subject(info, await link_restoring.restore_link(op, link), ProviderLink))
    if input.application_id is not None and input.link_id is None:
        ref = MatchApplicationRef(input_key(input.application_id, "applicationId", MatchApplicationRef))
        undone = await link_restoring.undo_application(op, ref)
        return RestoreLinkPayload(application=await subject(info, undone, MatchApplication))
    raise InvalidInput("Give a link or an application, one of the two.", ["linkId"])
