"""Which of our people is which Canvas account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from db.queries import links
from domain import rows
from domain.enums import CanvasAccountState
from domain.paging import Page, PageRequest
from domain.refs import ProviderLinkRef
from loaders import Loaders
from loaders.people import is_on
from services.providers import providers_by_number
from services.users import native_page

PROPOSALS = {
    CanvasAccountState.RENAMED: "The account has another name now. Keep the link if it is still the same person, else undo it.",
    CanvasAccountState.MERGED: "The account was merged into another one. Link the person to that one, or undo the link.",
    CanvasAccountState.DELETED: "The account is gone or hidden from homeroom. Undo the link, or ask the Canvas admins.",
}
"""What to do about a link whose account is not what it was."""


async def links_of_users(loaders: Loaders, user_ids: Sequence[int]) -> list[list[rows.Link]]:
    """The live links of each person with providers that are on for the viewer and for the person.

    Source: one query for all.
    """
    providers = await loaders.providers()
    people = {row.id: row for row in await loaders.user_by_id.load_many(user_ids) if row}
    of_user: defaultdict[int, list[rows.Link]] = defaultdict(list)
    for link in await links.links_of_users(loaders.scope, user_ids):
        provider = providers.get(link.provider_id)
        if provider is not None and is_on(provider, people[link.user_id].facility_id):
            of_user[link.user_id].append(link)
    return [of_user[id] for id in user_ids]


async def links_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[rows.Link | None]:
    """One answer per id, undone links too; None for what does not exist for the viewer."""
    found = {row.id: row for row in await links.links_by_ids(loaders.scope, ids)}
    return [found.get(id) for id in ids]


async def list_links(loaders: Loaders, provider: int, search: str | None, request: PageRequest) -> Page[rows.Link]:
    """One page of a provider's live links, by the person's name."""
    known = (await providers_by_number(loaders, [provider]))[0]
    keys = await links.link_keys(loaders.scope, known, search) if known else []
    return await native_page(keys, ProviderLinkRef, partial(links_by_ids, loaders), request)


async def linked_counts(loaders: Loaders, providers: Sequence[int]) -> list[int | None]:
    """How many active students in scope are linked to each provider, where it is on for them; None for students."""
    if loaders.scope.is_student:
        return [None] * len(providers)
    known = [row for row in await providers_by_number(loaders, providers) if row]
    counts = await links.linked_user_counts(loaders.scope, known) if known else {}
    return [counts.get(number, 0) for number in providers]
