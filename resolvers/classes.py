from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from domain.catalog import Enrollment, FacilityCount, SchoolClass, SourceStatus
from domain.filters import ClassFilter, RosterFilter
from domain.freshness import Freshness
from domain.paging import Page, PageRequest
from domain.refs import ClassRef
from resolvers.context import Context
from services import class_deletion, classes, roster_pages, rosters, sources

Status = Callable[[], Awaitable[Sequence[SourceStatus]]]


async def classes_page(ctx: Context, narrowed: ClassFilter, request: PageRequest) -> tuple[Page[SchoolClass], Status]:
    loaders = ctx.op.loaders
    page = await classes.list_classes(loaders, narrowed, request)
    return page, lambda: sources.classes_status(loaders, narrowed)


async def classes_by_refs(ctx: Context, refs: Sequence[ClassRef]) -> list[SchoolClass | None]:
    return await classes.classes_by_refs(ctx.op.loaders, refs)


async def enrolled_counts(ctx: Context, refs: Sequence[ClassRef], view: int | None) -> list[int | None]:
    return await rosters.enrolled_counts(ctx.op.loaders, refs, view)


async def completed_counts(ctx: Context, refs: Sequence[ClassRef], view: int | None) -> list[int | None]:
    return await rosters.completed_counts(ctx.op.loaders, refs, view)


async def counts_by_facility(
    ctx: Context, refs: Sequence[ClassRef], view: int | None
) -> list[list[FacilityCount] | None]:
    return await rosters.counts_by_facility(ctx.op.loaders, refs, view)


async def roster_pages_of(
    ctx: Context, refs: Sequence[ClassRef], view: int | None, narrowed: RosterFilter, request: PageRequest
) -> list[tuple[Page[Enrollment], Status]]:
    return await roster_pages.roster_pages(ctx.op.loaders, refs, view, narrowed, request)


async def instructors(ctx: Context, found: Sequence[SchoolClass]) -> list[list[str]]:
    return await classes.instructors(ctx.op.loaders, found)


async def freshness(ctx: Context, found: Sequence[SchoolClass]) -> list[Freshness]:
    return await sources.class_freshness(ctx.op.loaders, found)


async def delete_blockers(refs: Sequence[ClassRef]) -> list[list[str]]:
    return await class_deletion.delete_blockers(refs)
