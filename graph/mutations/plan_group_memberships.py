from __future__ import annotations

from typing import Annotated

import strawberry

from domain.problems import InvalidInput
from domain.refs import TeamRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.push_plan import PushPlan, push_plan
from services.teams.plan import plan_memberships

PlanGroupMembershipsError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | UpstreamRejectedError,
    strawberry.union("PlanGroupMembershipsError", description="Why there is no plan."),
]


@strawberry.input(
    description="What to plan: all Canvas teams of a class, or some teams of one. Name exactly one of the two."
)
class PlanGroupMembershipsInput:
    class_id: strawberry.ID | None = strawberry.field(default=None, description="A Canvas class.")
    team_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Canvas teams of one class.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `planGroupMemberships`.")
class PlanGroupMembershipsPayload:
    plan: PushPlan | None = strawberry.field(default=None, description="The plan. Push it within 30 minutes.")
    errors: list[PlanGroupMembershipsError] = errors()


@mutation(
    PlanGroupMembershipsPayload,
    "Work out, from the groups as they are in Canvas now, what a push would do. Changes nobody's memberships.",
)
async def plan_group_memberships(
    info: Info, input: Annotated[PlanGroupMembershipsInput, INPUT]
) -> PlanGroupMembershipsPayload | None:
    if (input.class_id is None) == (not input.team_ids):
        raise InvalidInput("Name a class or some teams.", ["classId"])
    if input.class_id is not None:
        ref = await plan_memberships(info.context.op, input_ref(input.class_id, "classId", class_ref))
    else:
        teams = [TeamRef(input_key(id, "teamIds", TeamRef)) for id in input.team_ids or ()]
        ref = await plan_memberships(info.context.op, teams)
    return PlanGroupMembershipsPayload(plan=await push_plan(info, ref))
