from __future__ import annotations

from datetime import date
from typing import Annotated, cast

import strawberry

from domain.refs import HolidayRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.room import Holiday
from services import room_changes

UpdateHolidayError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("UpdateHolidayError", description="Why the holiday was not changed."),
]


@strawberry.input(description="What to change about a holiday.")
class UpdateHolidayInput:
    id: strawberry.ID = strawberry.field(description="The holiday.")
    name: str | None = changeable("Its name: the reason of the sessions it cancels.")
    first_day: date | None = changeable("Its first day.")
    last_day: date | None = changeable("Its last day, inclusive.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateHoliday`.")
class UpdateHolidayPayload:
    holiday: Holiday | None = strawberry.field(default=None, description="The holiday as it is now.")
    errors: list[UpdateHolidayError] = errors()


@mutation(UpdateHolidayPayload, "Change a holiday. Facility admins: of their own facility.")
async def update_holiday(info: Info, input: Annotated[UpdateHolidayInput, INPUT]) -> UpdateHolidayPayload | None:
    ref = HolidayRef(input_key(input.id, "id", HolidayRef))
    fields = cast("room_changes.HolidayFields", fields_of(input, "id"))
    changed = await room_changes.update_holiday(info.context.op, ref, fields)
    return UpdateHolidayPayload(holiday=await subject(info, changed, Holiday))
