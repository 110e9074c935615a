from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from domain import rows
from domain.catalog import SourceStatus
from domain.paging import Page, PageRequest
from resolvers.context import Context
from services import canvas_users, links, sources

Status = Callable[[], Awaitable[Sequence[SourceStatus]]]


async def links_of_users(ctx: Context, user_ids: Sequence[int]) -> list[list[rows.Link]]:
    return await links.links_of_users(ctx.op.loaders, user_ids)


async def links_by_ids(ctx: Context, ids: Sequence[int]) -> list[rows.Link | None]:
    return await links.links_by_ids(ctx.op.loaders, ids)


async def links_page(ctx: Context, provider: int, search: str | None, request: PageRequest) -> Page[rows.Link]:
    return await links.list_links(ctx.op.loaders, provider, search, request)


async def linked_counts(ctx: Context, providers: Sequence[int]) -> list[int | None]:
    return await links.linked_counts(ctx.op.loaders, providers)


async def unlinked_counts(ctx: Context, providers: Sequence[int]) -> list[int | None]:
    return await canvas_users.unlinked_counts(ctx.op.loaders, providers)


async def canvas_users_page(
    ctx: Context, provider: int, narrowed: canvas_users.CanvasUserFilter, request: PageRequest
) -> tuple[Page[canvas_users.CanvasUser], Status] | None:
    loaders = ctx.op.loaders
    if loaders.scope.is_student:
        return None
    page = await canvas_users.list_canvas_users(loaders, provider, narrowed, request)
    return page, lambda: sources.people_status(loaders, provider)
