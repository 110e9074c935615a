from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, cast

import strawberry

from domain.refs import RoomRef, UserRef
from domain.texts import input_name
from graph.calendar_enums import EventSpan
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
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.mutations.warnings import ScheduleWarning, warnings_of
from graph.scalars import TimeZone
from graph.types.calendar import NativeEvent
from services import event_changes
from services.event_fields import EventFields

REQUIRED = ("starts_at", "duration", "time_zone")
"""Fields that may be left out but never be nothing: null leaves them as they are."""

UpdateClassEventError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("UpdateClassEventError", description="Why the event was not changed."),
]


@strawberry.input(description="What to change about an event.")
class UpdateClassEventInput:
    id: strawberry.ID = strawberry.field(description="An occurrence of the event, from any answer.")
    span: EventSpan = strawberry.field(
        default=EventSpan.ALL, description="The whole series, or this occurrence and all later ones."
    )
    starts_at: datetime | None = changeable(
        "When this occurrence begins; the others move by as much on the wall clock. On another day than the rule gives: with a new rule."
    )
    duration: timedelta | None = changeable("How long each session lasts; 24 hours at most.")
    recurrence_rule: str | None = changeable("An RFC 5545 rule; null for a single session.")
    time_zone: TimeZone | None = changeable("The zone whose wall clock the rule repeats.")
    title: str | None = changeable("What to show; null for the class's name.")
    room_id: strawberry.ID | None = changeable("A room of the class's facility; null for none.")
    instructor_id: strawberry.ID | None = changeable("Who teaches it; null for nobody.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateClassEvent`.")
class UpdateClassEventPayload:
    event: NativeEvent | None = strawberry.field(
        default=None, description="The occurrence as it is now; the first one where a new rule or start renamed them."
    )
    warnings: list[ScheduleWarning] = strawberry.field(
        default_factory=list,
        description="Other sessions in the same room, or with the same instructor, at the same time.",
    )
    errors: list[UpdateClassEventError] = errors()


@mutation(
    UpdateClassEventPayload,
    "Change a series of sessions, or a part of it. Facility admins: for the classes of their own facility.",
)
async def update_class_event(
    info: Info, input: Annotated[UpdateClassEventInput, INPUT]
) -> UpdateClassEventPayload | None:
    given = fields_of(input, "id", "span")
    given = {name: value for name, value in given.items() if value is not None or name not in REQUIRED}
    for name, wanted in (("room_id", RoomRef), ("instructor_id", UserRef)):
        if given.get(name) is not None:
            given[name] = input_key(given[name], input_name(name), wanted)
    ref = input_event(input.id, "id")
    changed = await event_changes.update_event(info.context.op, ref, input.span, cast("EventFields", given))
    event = await subject(info, changed, NativeEvent)
    return UpdateClassEventPayload(event=event, warnings=await warnings_of(info, changed))
