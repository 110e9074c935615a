from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import HolidayRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.facility import Facility
from services import room_changes

DeleteHolidayError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("DeleteHolidayError", description="Why the holiday was not deleted."),
]


@strawberry.input(description="Which holiday to delete.")
class DeleteHolidayInput:
    id: strawberry.ID = strawberry.field(description="The holiday.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deleteHoliday`.")
class DeleteHolidayPayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="The id of the holiday.")
    facility: Facility | None = strawberry.field(default=None, description="The facility it was of.")
    errors: list[DeleteHolidayError] = errors()


@mutation(DeleteHolidayPayload, "Delete a holiday: its sessions are on again. Facility admins: of their own facility.")
async def delete_holiday(info: Info, input: Annotated[DeleteHolidayInput, INPUT]) -> DeleteHolidayPayload | None:
    ref = HolidayRef(input_key(input.id, "id", HolidayRef))
    facility = await room_changes.delete_holiday(info.context.op, ref)
    return DeleteHolidayPayload(deleted_id=input.id, facility=await subject(info, facility, Facility))
