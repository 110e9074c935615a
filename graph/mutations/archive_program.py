from __future__ import annotations

from typing import Annotated

import strawberry

from graph.errors import (
    ConflictError,
    InvalidInputError,
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

ArchiveProgramError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ReadOnlyError | ConflictError,
    strawberry.union("ArchiveProgramError", description="Why a program was not archived."),
]


@strawberry.input(description="Which program to archive.")
class ArchiveProgramInput:
    id: strawberry.ID = strawberry.field(description="The program. A Canvas program is read-only.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `archiveProgram`.")
class ArchiveProgramPayload:
    program: NativeProgram | None = strawberry.field(default=None, description="The program as it is now.")
    errors: list[ArchiveProgramError] = errors()


@mutation(
    ArchiveProgramPayload,
    "Put a program away: it leaves the lists, its classes and their history stay. Department admins only. A ConflictError "
    "says what `archiveBlockers` says.",
)
async def archive_program(info: Info, input: Annotated[ArchiveProgramInput, INPUT]) -> ArchiveProgramPayload | None:
    ref = await program_changes.archive_program(info.context.op, input_ref(input.id, "id", program_ref))
    return ArchiveProgramPayload(program=await subject(info, ref, NativeProgram))
