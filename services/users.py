"""The organisation's people, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from db.queries import users
from domain import rows
from domain.filters import UserFilter
from domain.paging import Key, Page, PageRequest, cut
from domain.refs import NativeRef, UserRef, key_of
from loaders import Loaders
from services.providers import providers_by_number

R = TypeVar("R")


async def list_users(loaders: Loaders, narrowed: UserFilter, request: PageRequest) -> Page[rows.User]:
    """One page, by full name. Linked or not to a provider are only those for whom it is on (P-05)."""
    asked = [number for number in (narrowed.linked_to, narrowed.not_linked_to) if number is not None]
    known = await providers_by_number(loaders, asked)
    sites = [frozenset(row.facility_ids) for row in known if row and row.facility_ids is not None]
    if sites:
        narrowed = replace(narrowed, sites=frozenset.intersection(*sites))
    keys = await users.user_keys(loaders.scope, narrowed) if all(known) else []
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
