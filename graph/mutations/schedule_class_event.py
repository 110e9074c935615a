from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from domain.refs import RoomRef, UserRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.mutations.warnings import ScheduleWarning, warnings_of
from graph.scalars import TimeZone
from graph.types.calendar import NativeEvent
from services import event_changes
from services.event_fields import EventFields

ScheduleClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | ReadOnlyError,
    strawberry.union("ScheduleClassEventError", description="Why nothing was scheduled."),
]


@strawberry.input(description="A session of a class, or a series of them.")
class ScheduleClassEventInput:
    class_id: strawberry.ID = strawberry.field(description="The class. A Canvas class is read-only.")
    starts_at: datetime = strawberry.field(
        description="When the first session begins. With a rule that does not fall on it: the first time the rule gives after it."
    )
    duration: timedelta = strawberry.field(description="How long each session lasts, such as PT2H; 24 hours at most.")
    recurrence_rule: str | None = strawberry.field(
        default=None,
        description="An RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260601; null for a single session. It repeats the "
        "wall clock of `timeZone`, over changes of the clocks too.",
    )
    time_zone: TimeZone | None = strawberry.field(default=None, description="Left out: that of the class's facility.")
    title: str | None = strawberry.field(default=None, description="Left out: the class's name.")
    room_id: strawberry.ID | None = strawberry.field(default=None, description="A room of the class's facility.")
    instructor_id: strawberry.ID | None = strawberry.field(default=None, description="Who teaches it; no student.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `scheduleClassEvent`.")
class ScheduleClassEventPayload:
    event: NativeEvent | None = strawberry.field(default=None, description="The first session.")
    warnings: list[ScheduleWarning] = strawberry.field(
        default_factory=list,
        description="Other sessions in the same room, or with the same instructor, at the same time.",
    )
    errors: list[ScheduleClassEventError] = errors()


@mutation(
    ScheduleClassEventPayload,
    "Schedule sessions of a class. Overlaps of room or instructor are told, not refused. Facility admins: for the classes of their own facility.",
)
async def schedule_class_event(
    info: Info, input: Annotated[ScheduleClassEventInput, INPUT]
) -> ScheduleClassEventPayload | None:
    fields: EventFields = {
        "starts_at": input.starts_at,
        "duration": input.duration,
        "recurrence_rule": input.recurrence_rule,
        "title": input.title,
        "room_id": input_key(input.room_id, "roomId", RoomRef) if input.room_id else None,
        "instructor_id": input_key(input.instructor_id, "instructorId", UserRef) if input.instructor_id else None,
    }
    if input.time_zone is not None:
        fields["time_zone"] = input.time_zone
    ref = await event_changes.schedule_event(info.context.op, input_ref(input.class_id, "classId", class_ref), fields)
    event = await subject(info, ref, NativeEvent)
    return ScheduleClassEventPayload(event=event, warnings=await warnings_of(info, ref))
