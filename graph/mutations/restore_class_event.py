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
from graph.ids import input_event
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.calendar import NativeEvent
from services import occurrence_changes

RestoreClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("RestoreClassEventError", description="Why the session was not restored."),
]


@strawberry.input(description="Which session to restore.")
class RestoreClassEventInput:
    id: strawberry.ID = strawberry.field(description="The occurrence, or where it was moved.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `restoreClassEvent`.")
class RestoreClassEventPayload:
    event: NativeEvent | None = strawberry.field(default=None, description="The session as its rule has it.")
    errors: list[RestoreClassEventError] = errors()


@mutation(
    RestoreClassEventPayload,
    "Undo the cancelling or moving of one session. Facility admins: for the classes of their own facility.",
)
async def restore_class_event(
    info: Info, input: Annotated[RestoreClassEventInput, INPUT]
) -> RestoreClassEventPayload | None:
    ref = input_event(input.id, "id")
    restored = await occurrence_changes.restore_event(info.context.op, ref)
    return RestoreClassEventPayload(event=await subject(info, restored, NativeEvent))
