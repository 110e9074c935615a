from __future__ import annotations

from typing import Annotated, cast

import strawberry

from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_ref, program_ref
from graph.info import Info
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.program import NativeProgram
from services import program_changes

UpdateProgramError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ReadOnlyError
    | NameTakenError
    | ConflictError,
    strawberry.union("UpdateProgramError", description="Why a program was not changed."),
]


@strawberry.input(description="What to change about a program.")
class UpdateProgramInput:
    id: strawberry.ID = strawberry.field(description="The program. A Canvas program is read-only.")
    name: str | None = changeable("Its name, unique among the programs that are not archived.")
    description: str | None = changeable("What it is about; null for nothing.")
    is_active: bool | None = changeable("Whether it takes part.")
    types: list[str] | None = changeable("Kinds of program, such as Educational; all of them.")
    credit_types: list[str] | None = changeable("Kinds of credit it earns; all of them.")
    funding_type: str | None = changeable("Who pays for it; null for nobody in particular.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateProgram`.")
class UpdateProgramPayload:
    program: NativeProgram | None = strawberry.field(default=None, description="The program as it is now.")
    errors: list[UpdateProgramError] = errors()


@mutation(UpdateProgramPayload, "Change a program. Department admins only; archived ones have to be restored first.")
async def update_program(info: Info, input: Annotated[UpdateProgramInput, INPUT]) -> UpdateProgramPayload | None:
    ref = input_ref(input.id, "id", program_ref)
    fields = cast("program_changes.ProgramFields", fields_of(input, "id"))
    changed = await program_changes.update_program(info.context.op, ref, fields)
    return UpdateProgramPayload(program=await subject(info, changed, NativeProgram))
