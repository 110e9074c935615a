from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import UserRef
from graph.calendar_enums import AttendanceMark
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import decode_as, input_event, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.calendar import NativeEvent
from services import attendance_changes

RecordAttendanceError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("RecordAttendanceError", description="Why nothing was recorded."),
]


@strawberry.input(description="How one person was at a session.")
class AttendanceInput:
    user_id: strawberry.ID = strawberry.field(description="Somebody of yours who is enrolled in the class.")
    mark: AttendanceMark | None = strawberry.field(description="Whether they were there; null takes their record away.")
    minutes: int | None = strawberry.field(default=None, description="How long they were there, 0 to 1440.")
    note: str | None = strawberry.field(default=None, description="What to note about it.")


@strawberry.input(description="Who was at a session. People who are left out keep what they have.")
class RecordAttendanceInput:
    event_id: strawberry.ID = strawberry.field(
        description="The session: an occurrence that is not cancelled and not to come."
    )
    records: list[AttendanceInput] = strawberry.field(description="One per person; 1,000 at most.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `recordAttendance`.")
class RecordAttendancePayload:
    event: NativeEvent | None = strawberry.field(
        default=None, description="The session; see its `attendance` and `missingAttendance`."
    )
    errors: list[RecordAttendanceError] = errors()


@mutation(
    RecordAttendancePayload,
    "Record who was at a session, for all or for none. Facility admins: for the classes of their own facility.",
)
async def record_attendance(
    info: Info, input: Annotated[RecordAttendanceInput, INPUT]
) -> RecordAttendancePayload | None:
    entries = [
        attendance_changes.Entry(
            input_ref(one.user_id, "records", lambda id: decode_as(id, UserRef)).id, one.mark, one.minutes, one.note
        )
        for one in input.records
    ]
    ref = input_event(input.event_id, "eventId")
    recorded = await attendance_changes.record_attendance(info.context.op, ref, entries)
    return RecordAttendancePayload(event=await subject(info, recorded, NativeEvent))
