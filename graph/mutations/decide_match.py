from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef, UserRef
from graph.enums import MatchDecision
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
from graph.types.provider import Provider, provider
from services.match_drafts import decide_match as decide

DecideMatchError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | AlreadyLinkedError
    | NotAStudentError
    | ConflictError,
    strawberry.union("DecideMatchError", description="Why nothing was decided."),
]


@strawberry.input(description="What you think of a pair. Nothing is linked by it.")
class DecideMatchInput:
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    canvas_user_id: str = strawberry.field(description="Canvas's own id of the account.")
    user_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The person, proposed or chosen. Left out when clearing: all that was decided of the account.",
    )
    decision: MatchDecision | None = strawberry.field(
        default=None, description="Null, or left out, clears what was decided."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `decideMatch`.")
class DecideMatchPayload:
    provider: Provider | None = strawberry.field(
        default=None, description="The Canvas instance, to ask its `matchReport` anew in the same answer."
    )
    errors: list[DecideMatchError] = errors()


@mutation(
    DecideMatchPayload,
    "Confirm or reject a pair, or take that back. Kept on the server: confirmed pairs wait for `applyMatches`, rejected ones are "
    "never suggested again.",
)
async def decide_match(info: Info, input: Annotated[DecideMatchInput, INPUT]) -> DecideMatchPayload | None:
    ref = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    user = UserRef(input_key(input.user_id, "userId", UserRef)) if input.user_id is not None else None
    await decide(info.context.op, ref, input.canvas_user_id.strip(), user, input.decision)
    return DecideMatchPayload(provider=await provider(info, ref))
