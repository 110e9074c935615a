from __future__ import annotations

from typing import Annotated

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
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.program import NativeProgram
from services import program_changes

RestoreProgramError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | ReadOnlyError
    | NameTakenError,
    strawberry.union("RestoreProgramError", description="Why a program was not restored."),
]


@strawberry.input(description="Which program to restore.")
class RestoreProgramInput:
    id: strawberry.ID = strawberry.field(description="An archived program.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `restoreProgram`.")
class RestoreProgramPayload:
    program: NativeProgram | None = strawberry.field(default=None, description="The program as it is now.")
    errors: list[RestoreProgramError] = errors()


@mutation(RestoreProgramPayload, "Bring an archived program back into the lists. Department admins only.")
async def restore_program(info: Info, input: Annotated[RestoreProgramInput, INPUT]) -> RestoreProgramPayload | None:
    ref = await program_changes.restore_program(info.context.op, input_ref(input.id, "id", program_ref))
    return RestoreProgramPayload(program=await subject(info, ref, NativeProgram))
