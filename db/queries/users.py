"""Our people, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import Q, Subquery

from db.models import MatchDraft, ProviderLink, User
from db.queries import scoping
from db.queries.fetching import SortKey, by_ids, keys_of, matching
from domain import rows
from domain.enums import MatchDecision
from domain.filters import UserFilter
from domain.scope import Scope

_SEARCHED = ("sort_key__contains", "username_key__contains", "doc_id__icontains")


async def users_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.User]:
    """In no order; deactivated ones too."""
    return await by_ids(rows.User, User.filter(scoping.people(scope)), ids)


async def user_keys(scope: Scope, narrowed: UserFilter) -> list[SortKey]:
    """Every person of the list, in its order."""
    wanted = scoping.people(scope, narrowed.facility_id) & matching(narrowed.search, *_SEARCHED)
    if narrowed.role is not None:
        wanted &= Q(role=narrowed.role)
    if narrowed.active is not None:
        wanted &= Q(deactivated_at__isnull=narrowed.active)
    if narrowed.sites is not None:
        wanted &= Q(facility_id__in=list(narrowed.sites))
    if narrowed.linked_to is not None:
        wanted &= _linked(narrowed.linked_to)
    if narrowed.not_linked_to is not None:
        wanted &= ~_linked(narrowed.not_linked_to) & ~_waiting(narrowed.not_linked_to)
    return await keys_of(User.filter(wanted))


def _waiting(provider_id: int) -> Q:
    """People whom somebody confirmed for an account (AC-07)."""
    confirmed = MatchDraft.filter(provider_id=provider_id, decision=MatchDecision.CONFIRMED)
    return Q(id__in=Subquery(confirmed.values("user_id")))


def _linked(provider_id: int) -> Q:
    return Q(id__in=Subquery(ProviderLink.filter(provider_id=provider_id, unlinked_at=None).values("user_id")))
