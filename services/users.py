"""The organisation's people, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from db.queries import users
from domain import rows
from domain.filters import UserFilter
from domain.paging import Key, Page, PageRequest, cut
from domain.refs import NativeRef, UserRef, key_of
from loaders import Loaders

R = TypeVar("R")


async def list_users(loaders: Loaders, narrowed: UserFilter, request: PageRequest) -> Page[rows.User]:
    """One page, by full name."""
    keys = await users.user_keys(loaders.scope, narrowed)
    return await native_page(keys, UserRef, loaders.user_by_id.load_many, request)


async def native_page(
    keys: Sequence[tuple[str, int]],
    ref_type: Callable[[int], NativeRef],
    load: Callable[[list[int]], Awaitable[Sequence[R | None]]],
    request: PageRequest,
) -> Page[R]:
    """The page of a purely native list: cut from the keys of all, loaded for the page alone."""
    items: list[tuple[Key, int]] = [((sort_key, key_of(ref_type(id))), id) for sort_key, id in keys]
    page = cut(items, lambda item: item[0], request)
    found = await load([id for _, id in page.rows])
    return page.map(lambda _: [row for row in found if row is not None])
