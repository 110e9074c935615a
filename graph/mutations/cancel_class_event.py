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

CancelClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("CancelClassEventError", description="Why the session was not cancelled."),
]


@strawberry.input(description="Which session to cancel.")
class CancelClassEventInput:
    id: strawberry.ID = strawberry.field(description="The occurrence.")
    reason: str | None = strawberry.field(default=None, description="Why, for those who look at the calendar.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `cancelClassEvent`.")
class CancelClassEventPayload:
    event: NativeEvent | None = strawberry.field(default=None, description="The session, cancelled.")
    errors: list[CancelClassEventError] = errors()


@mutation(
    CancelClassEventPayload,
    "Cancel one session; the others of its series stay. Facility admins: for the classes of their own facility.",
)
async def cancel_class_event(
    info: Info, input: Annotated[CancelClassEventInput, INPUT]
) -> CancelClassEventPayload | None:
    ref = input_event(input.id, "id")
    cancelled = await occurrence_changes.cancel_event(info.context.op, ref, input.reason)
    return CancelClassEventPayload(event=await subject(info, cancelled, NativeEvent))
