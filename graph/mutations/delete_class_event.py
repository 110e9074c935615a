from __future__ import annotations

from typing import Annotated

import strawberry

from graph.calendar_enums import EventSpan
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
from graph.types.classes import NativeClass
from services import event_changes

DeleteClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("DeleteClassEventError", description="Why the event was not deleted."),
]


@strawberry.input(description="Which event to delete.")
class DeleteClassEventInput:
    id: strawberry.ID = strawberry.field(description="An occurrence of the event, from any answer.")
    span: EventSpan = strawberry.field(
        default=EventSpan.ALL, description="The whole series, or this occurrence and all later ones."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deleteClassEvent`.")
class DeleteClassEventPayload:
    deleted_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id that was given; it names nothing now."
    )
    school_class: NativeClass | None = strawberry.field(name="class", default=None, description="The class it was of.")
    errors: list[DeleteClassEventError] = errors()


@mutation(
    DeleteClassEventPayload,
    "Delete a series of sessions, or its end. Sessions with attendance cannot be deleted: cancel those that are off. Facility admins: for the classes of their own facility.",
)
async def delete_class_event(
    info: Info, input: Annotated[DeleteClassEventInput, INPUT]
) -> DeleteClassEventPayload | None:
    ref = input_event(input.id, "id")
    school_class = await event_changes.delete_event(info.context.op, ref, input.span)
    found = await subject(info, school_class, NativeClass)
    return DeleteClassEventPayload(deleted_id=input.id, school_class=found)
