from __future__ import annotations

from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.scalars import TimeZone
from graph.types.facility import Facility
from services import facility_changes

UpdateFacilityError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("UpdateFacilityError", description="Why a facility was not changed."),
]


@strawberry.input(description="What to change about a facility.")
class UpdateFacilityInput:
    id: strawberry.ID = strawberry.field(description="The facility.")
    name: str | None = changeable("Its name, unique in the organisation.")
    time_zone: TimeZone | None = changeable("The zone in which its classes meet, such as America/Chicago.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateFacility`.")
class UpdateFacilityPayload:
    facility: Facility | None = strawberry.field(default=None, description="The facility as it is now.")
    errors: list[UpdateFacilityError] = errors()


@mutation(UpdateFacilityPayload, "Change a facility. System admins only.")
async def update_facility(info: Info, input: Annotated[UpdateFacilityInput, INPUT]) -> UpdateFacilityPayload | None:
    ref = FacilityRef(input_key(input.id, "id", FacilityRef))
    fields = cast("facility_changes.FacilityFields", fields_of(input, "id"))
    changed = await facility_changes.update_facility(info.context.op, ref, fields)
    return UpdateFacilityPayload(facility=await subject(info, changed, Facility))
