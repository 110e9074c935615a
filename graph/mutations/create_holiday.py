from __future__ import annotations

from datetime import date
from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.room import Holiday
from services import room_changes

CreateHolidayError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("CreateHolidayError", description="Why the holiday was not created."),
]


@strawberry.input(description="Days on which a facility holds no sessions.")
class CreateHolidayInput:
    facility_id: strawberry.ID = strawberry.field(description="The facility.")
    name: str = strawberry.field(description="Its name: the reason of the sessions it cancels.")
    first_day: date = strawberry.field(description="Its first day.")
    last_day: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its last day, inclusive. Left out: the first."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createHoliday`.")
class CreateHolidayPayload:
    holiday: Holiday | None = strawberry.field(default=None, description="The new holiday.")
    errors: list[CreateHolidayError] = errors()


@mutation(CreateHolidayPayload, "Create a holiday of a facility. Facility admins: of their own facility.")
async def create_holiday(info: Info, input: Annotated[CreateHolidayInput, INPUT]) -> CreateHolidayPayload | None:
    facility = input_key(input.facility_id, "facilityId", FacilityRef)
    fields = cast("room_changes.HolidayFields", fields_of(input, "facility_id"))
    ref = await room_changes.create_holiday(info.context.op, facility, fields)
    return CreateHolidayPayload(holiday=await subject(info, ref, Holiday))
