from __future__ import annotations

from typing import Annotated

import strawberry

from domain.problems import InvalidInput
from domain.refs import CanvasClassRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.sync_run import SyncRun, sync_run
from services.teams.assign import assign_to_groups

AssignUnassignedError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | UpstreamRejectedError,
    strawberry.union("AssignUnassignedError", description="Why nobody was assigned."),
]


@strawberry.input(description="Which group set Canvas is to fill.")
class AssignUnassignedInput:
    class_id: strawberry.ID = strawberry.field(description="A Canvas class.")
    canvas_group_set: str = strawberry.field(description="The group set's name, or Canvas's own id of it.")
    sync: bool = strawberry.field(
        default=True,
        description="True: Canvas does it in one request. False: it makes a job of it, which the run follows.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `assignUnassigned`.")
class AssignUnassignedPayload:
    run: SyncRun | None = strawberry.field(default=None, description="The run.")
    errors: list[AssignUnassignedError] = errors()


@mutation(
    AssignUnassignedPayload,
    "Let Canvas spread the students who are in no group over a group set, and take the result over. Department admins only.",
)
async def assign_unassigned(
    info: Info, input: Annotated[AssignUnassignedInput, INPUT]
) -> AssignUnassignedPayload | None:
    ref = input_ref(input.class_id, "classId", class_ref)
    if not isinstance(ref, CanvasClassRef):
        raise InvalidInput("Only classes of Canvas have groups.", ["classId"])
    run = await assign_to_groups(info.context.op, ref, input.canvas_group_set, sync=input.sync)
    return AssignUnassignedPayload(run=await sync_run(info, run))
