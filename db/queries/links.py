"""Which of our people is which Canvas account."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Count

from db.models import ProviderLink
from db.queries import scoping
from db.queries.fetching import SortKey, by_ids, keys_of, matching, rows_of
from domain import rows
from domain.enums import Role
from domain.scope import Scope


async def live_links(provider_ids: Iterable[int]) -> list[rows.LiveLink]:
    """The live links of active students, of everybody: callers apply the scope to each row (AC-14).

    The driver's own rows are taken as they are: there may be hundreds of thousands, and Tortoise would look at each
    value. Nothing in the statement comes from outside but numbers.
    """
    found = ProviderLink.filter(_COUNTED, provider_id__in=list(provider_ids))
    columns = found.values_list("provider_id", "external_user_id", "user_id", "user__facility_id")
    _, drivers_rows = await get_connection("default").execute_query(columns.sql(params_inline=True))
    return list(map(rows.LiveLink._make, drivers_rows))


async def links_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.Link]:
    """In no order; those that were undone too."""
    return await by_ids(rows.Link, ProviderLink.filter(_visible(scope)), ids)


async def links_of_users(scope: Scope, user_ids: Iterable[int]) -> list[rows.Link]:
    """The live links of those people, by provider."""
    live = ProviderLink.filter(_visible(scope), unlinked_at=None).order_by("provider__sort_key", "id")
    return await by_ids(rows.Link, live, user_ids, "user_id")


async def links_of_accounts(scope: Scope, provider_id: int, external_user_ids: Iterable[str]) -> list[rows.Link]:
    """The live links of those Canvas accounts of one provider, in no order."""
    live = ProviderLink.filter(_visible(scope), provider_id=provider_id, unlinked_at=None)
    return await by_ids(rows.Link, live, external_user_ids, "external_user_id")


async def links_of_applications(scope: Scope, ids: Iterable[int]) -> list[tuple[int | None, rows.Link]]:
    """What each application linked, with its number, by link; those that were undone too."""
    found = ProviderLink.filter(_visible(scope), application_id__in=list(ids)).order_by("id")
    of = dict(await found.values_list("id", "application_id"))
    return [(of[row.id], row) for row in await rows_of(rows.Link, found)]


async def linked_pairs(provider_id: int) -> list[tuple[str, int]]:
    """(Canvas account, person) of every live link of a provider, whoever's."""
    return await ProviderLink.filter(provider_id=provider_id, unlinked_at=None).values_list(
        "external_user_id", "user_id"
    )


async def linked_accounts(provider_id: int) -> set[str]:
    """The Canvas accounts of one provider that have a live link, whoever's: they are nobody else's to link."""
    live = ProviderLink.filter(provider_id=provider_id, unlinked_at=None)
    return {account for (account,) in await live.values_list("external_user_id")}


async def link_keys(scope: Scope, provider: rows.Provider, search: str | None = None) -> list[SortKey]:
    """The live links of one provider that count, in the order of their people's names."""
    wanted = _visible(scope) & _COUNTED & _where_on(provider) & matching(search, *_SEARCHED)
    return await keys_of(ProviderLink.filter(wanted), "user__sort_key")


async def linked_user_counts(scope: Scope, providers: Iterable[rows.Provider]) -> dict[int, int]:
    """How many active students in scope are linked, by provider; none: absent."""
    found = ProviderLink.filter(_visible(scope) & _COUNTED & Q(*map(_where_on, providers), join_type=Q.OR))
    counted = found.annotate(linked=Count("id")).group_by("provider_id")
    return dict(await counted.values_list("provider_id", "linked"))


_SEARCHED = ("user__sort_key__contains", "user__username_key__contains", "user__doc_id__icontains")
_COUNTED = Q(unlinked_at=None, user__deactivated_at=None, user__role=Role.STUDENT)


def _where_on(provider: rows.Provider) -> Q:
    """Its links with people of facilities where it is on: elsewhere they are in no list and no count (P-05)."""
    if provider.facility_ids is None:
        return Q(provider_id=provider.id)
    return Q(provider_id=provider.id, user__facility_id__in=list(provider.facility_ids))


def _visible(scope: Scope) -> Q:
    return scoping.people(scope, prefix="user__") & scoping.providers(scope, prefix="provider__")
