from __future__ import annotations

from collections.abc import Sequence

from domain import rows
from domain.errors import DomainError
from domain.filters import UserFilter
from domain.paging import Page, PageRequest
from resolvers.context import Context
from services import users


async def users_page(ctx: Context, narrowed: UserFilter, request: PageRequest) -> Page[rows.User]:
    return await users.list_users(ctx.op.loaders, narrowed, request)


async def users_by_ids(ctx: Context, ids: Sequence[int]) -> list[rows.User | None]:
    return await ctx.op.loaders.user_by_id.load_many(list(ids))


class GoneError(DomainError):
    """A row was taken away between two reads of one operation."""

    code = "CONFLICT"


def gone() -> GoneError:
    return GoneError("This changed while it was read. Ask again.")
