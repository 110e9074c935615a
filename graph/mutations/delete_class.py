from __future__ import annotations

from typing import Annotated

import strawberry

from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, encode, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from services import class_changes

DeleteClassError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("DeleteClassError", description="Why a class was not deleted."),
]


@strawberry.input(description="Which class to delete.")
class DeleteClassInput:
    id: strawberry.ID = strawberry.field(description="The class. A Canvas class is read-only.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deleteClass`.")
class DeleteClassPayload:
    deleted_class_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the class, which no longer exists."
    )
    errors: list[DeleteClassError] = errors()


@mutation(
    DeleteClassPayload,
    "Delete a class that nobody ever was in, without teams and sessions; others can be cancelled by `updateClass`. A "
    "ConflictError says what `deleteBlockers` says.",
)
async def delete_class(info: Info, input: Annotated[DeleteClassInput, INPUT]) -> DeleteClassPayload | None:
    ref = await class_changes.delete_class(info.context.op, input_ref(input.id, "id", class_ref))
    return DeleteClassPayload(deleted_class_id=encode(ref))
