from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from domain.refs import RoomRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_event, input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.mutations.warnings import ScheduleWarning, warnings_of
from graph.types.calendar import NativeEvent
from services import occurrence_changes

RescheduleClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("RescheduleClassEventError", description="Why the session was not moved."),
]


@strawberry.input(description="Which session to move, and where to.")
class RescheduleClassEventInput:
    id: strawberry.ID = strawberry.field(description="The occurrence, or where it was moved before.")
    starts_at: datetime = strawberry.field(description="When it begins now.")
    duration: timedelta | None = strawberry.field(default=None, description="Left out: as long as the others.")
    room_id: strawberry.ID | None = strawberry.field(default=None, description="Left out: the room of the series.")
    reason: str | None = strawberry.field(default=None, description="Why, for those who look at the calendar.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `rescheduleClassEvent`.")
class RescheduleClassEventPayload:
    event: NativeEvent | None = strawberry.field(
        default=None, description="The session where it takes place now; `rescheduledFrom` is the occurrence it was."
    )
    warnings: list[ScheduleWarning] = strawberry.field(
        default_factory=list,
        description="Other sessions in the same room, or with the same instructor, at the same time.",
    )
    errors: list[RescheduleClassEventError] = errors()


@mutation(
    RescheduleClassEventPayload,
    "Move one session to another time or room; the others of its series stay. Facility admins: for the classes of their own facility.",
)
async def reschedule_class_event(
    info: Info, input: Annotated[RescheduleClassEventInput, INPUT]
) -> RescheduleClassEventPayload | None:
    moved = await occurrence_changes.reschedule_event(
        info.context.op,
        input_event(input.id, "id"),
        input.starts_at,
        input.duration,
        input_key(input.room_id, "roomId", RoomRef) if input.room_id else None,
        input.reason,
    )
    event = await subject(info, moved, NativeEvent)
    return RescheduleClassEventPayload(event=event, warnings=await warnings_of(info, moved))
