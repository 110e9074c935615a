from __future__ import annotations

from domain.paging import Page, PageRequest
from domain.rows import AccessEntry
from resolvers.context import Context
from services import ledger


async def access_page(ctx: Context, user_id: int, request: PageRequest) -> Page[AccessEntry] | None:
    return await ledger.access_page(ctx.op.loaders, user_id, request)
