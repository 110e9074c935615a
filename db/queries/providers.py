"""Canvas instances, without their keys. Where one is off, it does not exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from tortoise.expressions import Q

from db.models import OidcRegistration, Provider, ProviderFacility
from db.queries import scoping
from db.queries.fetching import by_ids
from domain import rows
from domain.enums import ProviderState
from domain.scope import Scope

_COLUMNS = (
    "id",
    "name",
    "sort_key",
    "kind",
    "state",
    "base_url",
    "account_id",
    "access_key_fingerprint",
    "match_policy",
    "nightly_sync",
)
_STATES = tuple(ProviderState)


async def enabled_providers(scope: Scope) -> list[rows.Provider]:
    """Those that take part in answers, by name."""
    return await providers(scope, (ProviderState.ENABLED,))


async def providers(scope: Scope, states: Collection[ProviderState]) -> list[rows.Provider]:
    """Those in one of `states`: enabled, disabled, archived, each by name (P-01)."""
    found = await _providers(scope, Q(state__in=list(states)))
    return sorted(found, key=lambda row: (_STATES.index(row.state), row.sort_key))


async def providers_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.Provider]:
    """In no order, in any state."""
    return await _providers(scope, Q(id__in=list(ids)))


async def oidc_clients(provider_ids: Iterable[int]) -> dict[int, rows.OidcClient]:
    """The registration in use, by provider. The caller has seen that the viewer manages providers."""
    found = await by_ids(rows.OidcClient, OidcRegistration.filter(replaced_at=None), provider_ids, "provider_id")
    return {row.provider_id: row for row in found}


async def _providers(scope: Scope, wanted: Q) -> list[rows.Provider]:
    found = await Provider.filter(scoping.providers(scope) & wanted).values("facility_limited", *_COLUMNS)
    switched_on = await _facilities([row["id"] for row in found if row["facility_limited"]])
    return [_provider(row, switched_on) for row in found]


def _provider(row: dict[str, Any], switched_on: dict[int, list[int]]) -> rows.Provider:
    limited = row.pop("facility_limited")
    return rows.Provider(**row, facility_ids=tuple(switched_on.get(row["id"], ())) if limited else None)


async def _facilities(provider_ids: list[int]) -> dict[int, list[int]]:
    if not provider_ids:
        return {}
    on: defaultdict[int, list[int]] = defaultdict(list)
    pairs = ProviderFacility.filter(provider_id__in=provider_ids).order_by("facility__sort_key")
    for provider_id, facility_id in await pairs.values_list("provider_id", "facility_id"):
        on[provider_id].append(facility_id)
    return on
