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

DeactivateUserError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("DeactivateUserError", description="Why a person was not deactivated."),
]


@strawberry.input(description="Whom to deactivate.")
class DeactivateUserInput:
    id: strawberry.ID = strawberry.field(description="The person.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deactivateUser`.")
class DeactivateUserPayload:
    user: User | None = strawberry.field(default=None, description="The person as they are now.")
    errors: list[DeactivateUserError] = errors()


@mutation(DeactivateUserPayload, "Take a person out of every list and count, without deleting anything. Not yourself.")
async def deactivate_user(info: Info, input: Annotated[DeactivateUserInput, INPUT]) -> DeactivateUserPayload | None:
    ref = UserRef(input_key(input.id, "id", UserRef))
    changed = await user_activation_changes.deactivate_user(info.context.op, ref)
    return DeactivateUserPayload(user=await subject(info, changed, User))
