from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from domain.filters import SyncRunFilter
from domain.paging import Page, PageRequest
from domain.refs import SyncRunRef
from domain.runs import SyncIssue, SyncRun
from resolvers.context import Context
from services import runs


async def runs_by_ids(ctx: Context, ids: Sequence[int]) -> list[SyncRun | None]:
    return await runs.runs_by_ids(ctx.op.loaders, ids)


async def runs_page(ctx: Context, narrowed: SyncRunFilter, request: PageRequest) -> Page[SyncRun]:
    return await runs.list_runs(ctx.op.loaders, narrowed, request)


async def issues_of_runs(ctx: Context, found: Sequence[SyncRun]) -> list[list[SyncIssue]]:
    return await runs.issues_of_runs(ctx.op.loaders, found)


def updates(ctx: Context, ref: SyncRunRef) -> AsyncIterator[SyncRun]:
    return runs.updates(ctx.op, ref)
