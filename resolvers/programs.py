from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from domain.catalog import Metrics, Program, SourceStatus
from domain.filters import ProgramFilter
from domain.freshness import Freshness
from domain.paging import Page, PageRequest
from domain.refs import ProgramRef
from domain.rows import Facility
from resolvers.context import Context
from services import metrics, program_facilities, programs, sources

Status = Callable[[], Awaitable[Sequence[SourceStatus]]]


async def programs_page(ctx: Context, narrowed: ProgramFilter, request: PageRequest) -> tuple[Page[Program], Status]:
    loaders = ctx.op.loaders
    page = await programs.list_programs(loaders, narrowed, request)
    return page, lambda: sources.programs_status(loaders, narrowed)


async def programs_by_refs(ctx: Context, refs: Sequence[ProgramRef]) -> list[Program | None]:
    return await programs.programs_by_refs(ctx.op.loaders, refs)


async def program_metrics(ctx: Context, refs: Sequence[ProgramRef], view: int | None) -> list[Metrics | None]:
    return await metrics.program_metrics(ctx.op.loaders, refs, view)


async def freshness(ctx: Context, found: Sequence[Program]) -> list[Freshness]:
    return await sources.program_freshness(ctx.op.loaders, found)


async def facilities_of_programs(ctx: Context, ids: Sequence[int]) -> list[list[Facility]]:
    return await program_facilities.facilities_of_programs(ctx.op.loaders, ids)


async def archive_blockers(ctx: Context, refs: Sequence[ProgramRef]) -> list[list[str]]:
    return await program_facilities.archive_blockers(ctx.op.loaders, refs)
