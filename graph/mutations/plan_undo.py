from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import SyncRunRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.push_plan import PushPlan, push_plan
from services.teams.undo import plan_undo as undo

PlanUndoError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | UpstreamRejectedError
    | ConflictError,
    strawberry.union("PlanUndoError", description="Why there is no plan."),
]


@strawberry.input(description="The push to take back.")
class PlanUndoInput:
    run_id: strawberry.ID = strawberry.field(description="A run that pushed memberships.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `planUndo`.")
class PlanUndoPayload:
    plan: PushPlan | None = strawberry.field(default=None, description="The inverse, as a plan to be pushed.")
    errors: list[PlanUndoError] = errors()


@mutation(PlanUndoPayload, "Plan the inverse of a push. What was decided here stays, and then waits for a push again.")
async def plan_undo(info: Info, input: Annotated[PlanUndoInput, INPUT]) -> PlanUndoPayload | None:
    ref = SyncRunRef(input_key(input.run_id, "runId", SyncRunRef))
    return PlanUndoPayload(plan=await push_plan(info, await undo(info.context.op, ref)))
