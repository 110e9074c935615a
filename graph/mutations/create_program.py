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
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.program import NativeProgram
from services import program_changes

CreateProgramError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("CreateProgramError", description="Why a program was not created."),
]


@strawberry.input(description="A new program of the organisation.")
class CreateProgramInput:
    name: str = strawberry.field(description="Its name, unique among the programs that are not archived.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    is_active: bool = strawberry.field(default=True, description="Whether it takes part at once.")
    types: list[str] = strawberry.field(default_factory=list, description="Kinds of program, such as Educational.")
    credit_types: list[str] = strawberry.field(default_factory=list, description="Kinds of credit it earns.")
    funding_type: str | None = strawberry.field(default=None, description="Who pays for it.")
    facility_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description="Where it is offered.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createProgram`.")
class CreateProgramPayload:
    program: NativeProgram | None = strawberry.field(default=None, description="The new program.")
    errors: list[CreateProgramError] = errors()


@mutation(CreateProgramPayload, "Create a program of the organisation. Department admins only.")
async def create_program(info: Info, input: Annotated[CreateProgramInput, INPUT]) -> CreateProgramPayload | None:
    facilities = [input_key(id, "facilityIds", FacilityRef) for id in input.facility_ids]
    fields = cast("program_changes.ProgramFields", fields_of(input, "facility_ids"))
    ref = await program_changes.create_program(info.context.op, fields, facilities)
    return CreateProgramPayload(program=await subject(info, ref, NativeProgram))
