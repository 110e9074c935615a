from __future__ import annotations

from collections.abc import Sequence

from domain import rows
from domain.enums import GroupsState
from domain.filters import TeamFilter
from domain.paging import Page, PageRequest
from domain.refs import CanvasClassRef, ClassRef
from domain.runs import SyncRun
from domain.teams import PushPlan, Result, Team
from resolvers.context import Context
from services.teams import lists, plan, results


async def teams_page(ctx: Context, narrowed: TeamFilter, request: PageRequest) -> Page[Team]:
    return await lists.list_teams(ctx.op.loaders, narrowed, request)


async def teams_by_ids(ctx: Context, ids: Sequence[int]) -> list[Team | None]:
    return await lists.teams_by_ids(ctx.op.loaders, ids)


async def teams_of_classes(ctx: Context, refs: Sequence[ClassRef]) -> list[list[Team]]:
    return await lists.teams_of_classes(ctx.op.loaders, refs)


async def teams_of_users(ctx: Context, ids: Sequence[int]) -> list[list[Team]]:
    return await lists.teams_of_users(ctx.op.loaders, ids)


async def members(ctx: Context, ids: Sequence[int], *, students_see_team: bool) -> list[list[rows.User]]:
    return await lists.members(ctx.op.loaders, ids, students_see_team=students_see_team)


async def member_counts(ctx: Context, ids: Sequence[int], *, students_see_team: bool) -> list[int]:
    return await lists.member_counts(ctx.op.loaders, ids, students_see_team=students_see_team)


async def pending_changes(ctx: Context, found: Sequence[Team]) -> list[int]:
    return await lists.pending_changes(ctx.op.loaders, found)


async def group_states(ctx: Context, refs: Sequence[CanvasClassRef]) -> list[GroupsState]:
    _ = ctx.op
    return await lists.group_states(refs)


async def plans_by_ids(ctx: Context, ids: Sequence[int]) -> list[PushPlan | None]:
    return await plan.plans_by_ids(ctx.op.loaders, ids)


async def results_of_runs(ctx: Context, found: Sequence[SyncRun]) -> list[list[Result] | None]:
    return await results.results_of_runs(ctx.op.loaders, found)
