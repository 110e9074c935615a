from __future__ import annotations

from typing import Annotated, cast

import strawberry

from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.info import Info
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.scalars import TimeZone
from graph.types.facility import Facility
from services import facility_changes

CreateFacilityError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("CreateFacilityError", description="Why a facility was not created."),
]


@strawberry.input(description="A new place of the organisation.")
class CreateFacilityInput:
    name: str = strawberry.field(description="Its name, unique in the organisation.")
    time_zone: TimeZone = strawberry.field(description="The zone in which its classes meet, such as America/Chicago.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createFacility`.")
class CreateFacilityPayload:
    facility: Facility | None = strawberry.field(default=None, description="The new facility.")
    errors: list[CreateFacilityError] = errors()


@mutation(CreateFacilityPayload, "Create a facility. System admins only.")
async def create_facility(info: Info, input: Annotated[CreateFacilityInput, INPUT]) -> CreateFacilityPayload | None:
    fields = cast("facility_changes.FacilityFields", fields_of(input))
    ref = await facility_changes.create_facility(info.context.op, fields)
    return CreateFacilityPayload(facility=await subject(info, ref, Facility))
