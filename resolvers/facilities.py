from __future__ import annotations

from collections.abc import Sequence

from domain import rows
from resolvers.context import Context
from services import facilities


async def facilities_in_scope(ctx: Context) -> list[rows.Facility]:
    return await facilities.list_facilities(ctx.op.loaders)


async def facilities_in_scope_by_ids(ctx: Context, ids: Sequence[int]) -> list[rows.Facility]:
    return await facilities.facilities_in_scope_by_ids(ctx.op.loaders, ids)


async def facilities_by_ids(ctx: Context, ids: Sequence[int | None]) -> list[rows.Facility | None]:
    """None for None and for what does not exist."""
    loader = ctx.op.loaders.facility_by_id
    found = await loader.load_many([id for id in ids if id is not None])
    by_id = {row.id: row for row in found if row}
    return [by_id.get(id) if id is not None else None for id in ids]
