from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_key, input_ref, program_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.program import NativeProgram
from services import program_facility_changes

SetProgramFacilitiesError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union(
        "SetProgramFacilitiesError", description="Why nothing was changed about where a program is offered."
    ),
]


@strawberry.input(description="Where a program is offered from now on.")
class SetProgramFacilitiesInput:
    id: strawberry.ID = strawberry.field(description="The program. A Canvas program is read-only.")
    facility_ids: list[strawberry.ID] = strawberry.field(description="All facilities that offer it; none: nowhere.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `setProgramFacilities`.")
class SetProgramFacilitiesPayload:
    program: NativeProgram | None = strawberry.field(default=None, description="The program as it is now.")
    errors: list[SetProgramFacilitiesError] = errors()


@mutation(
    SetProgramFacilitiesPayload,
    "Offer a program exactly there. Department admins only. A facility that still has open classes of it cannot be left out.",
)
async def set_program_facilities(
    info: Info, input: Annotated[SetProgramFacilitiesInput, INPUT]
) -> SetProgramFacilitiesPayload | None:
    facilities = [input_key(id, "facilityIds", FacilityRef) for id in input.facility_ids]
    program = input_ref(input.id, "id", program_ref)
    ref = await program_facility_changes.set_program_facilities(info.context.op, program, facilities)
    return SetProgramFacilitiesPayload(program=await subject(info, ref, NativeProgram))
