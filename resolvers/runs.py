from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from domain.paging import Page, PageRequest
from domain.refs import ClassRef, SyncRunRef
from domain.runs import SyncIssue, SyncRun
from resolvers.context import Context
from services import runs


async def runs_by_ids(ctx: Context, ids: Sequence[int]) -> list[SyncRun | None]:
    return await runs.runs_by_ids(ctx.op.loaders, ids)


async def runs_page(ctx: Context, school_class: ClassRef | None, request: PageRequest) -> Page[SyncRun]:
    return await runs.list_runs(ctx.op.loaders, school_class, request)


async def issues_of_runs(ctx: Context, found: Sequence[SyncRun]) -> list[list[SyncIssue]]:
    return await runs.issues_of_runs(ctx.op.loaders, found)


def updates(ctx: Context, ref: SyncRunRef) -> AsyncIterator[SyncRun]:
    return runs.updates(ctx.op, ref)
