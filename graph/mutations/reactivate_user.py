from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import UserRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.user import User
from services import user_activation_changes

ReactivateUserError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("ReactivateUserError", description="Why a person was not reactivated."),
]


@strawberry.input(description="Whom to reactivate.")
class ReactivateUserInput:
    id: strawberry.ID = strawberry.field(description="The person.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `reactivateUser`.")
class ReactivateUserPayload:
    user: User | None = strawberry.field(default=None, description="The person as they are now.")
    errors: list[ReactivateUserError] = errors()


@mutation(ReactivateUserPayload, "Bring a deactivated person back, with the enrolments and links they had.")
async def reactivate_user(info: Info, input: Annotated[ReactivateUserInput, INPUT]) -> ReactivateUserPayload | None:
    ref = UserRef(input_key(input.id, "id", UserRef))
    changed = await user_activation_changes.reactivate_user(info.context.op, ref)
    return ReactivateUserPayload(user=await subject(info, changed, User))
