from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.events import Holiday, Room
from resolvers.context import Context
from services import rooms


async def rooms_by_ids(_: Context, ids: Sequence[int]) -> list[Room]:
    return await rooms.rooms_by_ids(ids)


async def rooms_in_scope_by_ids(ctx: Context, ids: Sequence[int]) -> list[Room | None]:
    return await rooms.rooms_in_scope_by_ids(ctx.op.loaders, ids)


async def holidays_in_scope_by_ids(ctx: Context, ids: Sequence[int]) -> list[Holiday | None]:
    return await rooms.holidays_in_scope_by_ids(ctx.op.loaders, ids)


async def rooms_of_facilities(ctx: Context, ids: Sequence[int]) -> list[list[Room] | None]:
    return await rooms.rooms_of_facilities(ctx.op.loaders, ids)


async def holidays_of_facilities(
    ctx: Context, ids: Sequence[int], first: date, last: date
) -> list[list[Holiday] | None]:
    return await rooms.holidays_of_facilities(ctx.op.loaders, ids, first, last)
