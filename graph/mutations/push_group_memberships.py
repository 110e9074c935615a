from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import PushPlanRef, SyncRunRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    OverrideRequiredError,
    PlanExpiredError,
    PlanStaleError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.problems import error_of
from graph.types.sync_run import SyncRun, sync_run
from services.teams.push import push_memberships

PushGroupMembershipsError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | UpstreamRejectedError
    | PlanExpiredError
    | PlanStaleError
    | OverrideRequiredError
    | ConflictError,
    strawberry.union("PushGroupMembershipsError", description="Why nothing was pushed."),
]


@strawberry.input(description="The plan to carry out.")
class PushGroupMembershipsInput:
    plan_id: strawberry.ID = strawberry.field(description="A plan of `planGroupMemberships` or `planUndo`.")
    override: str | None = strawberry.field(
        default=None, description="Why so many may be removed, where the plan asks for it. Department admins only."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `pushGroupMemberships`.")
class PushGroupMembershipsPayload:
    run: SyncRun | None = strawberry.field(default=None, description="The run that carries it out.")
    errors: list[PushGroupMembershipsError] = errors()


@mutation(
    PushGroupMembershipsPayload,
    "Carry a plan out in Canvas. Groups that changed since the plan was made are refused: one PlanStaleError each, and nothing is written.",
)
async def push_group_memberships(
    info: Info, input: Annotated[PushGroupMembershipsInput, INPUT]
) -> PushGroupMembershipsPayload | None:
    ref = PushPlanRef(input_key(input.plan_id, "planId", PushPlanRef))
    answer = await push_memberships(info.context.op, ref, input.override)
    if isinstance(answer, SyncRunRef):
        return PushGroupMembershipsPayload(run=await sync_run(info, answer))
    return PushGroupMembershipsPayload(errors=[await error_of(info, problem) for problem in answer])  # type: ignore[misc]
