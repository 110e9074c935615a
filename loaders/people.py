"""Our people behind Canvas accounts: the join that every Canvas count and roster is made of (behaviours D-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.queries import links
from domain import rows
from domain.scope import Scope

if TYPE_CHECKING:
    from loaders import Loaders

Residents = dict[int, dict[str, rows.LiveLink]]
"""Provider → Canvas user id → the live link of an active student in scope."""


async def residents(loaders: Loaders, facility_id: int | None) -> Residents:
    """The linked people in the viewer's scope, of one facility where one is given.

    Source: one query for all providers.
    Shape:  every provider that is on for the viewer, with people only of facilities where it is on too.
    """
    providers, scope = await loaders.providers(), loaders.scope
    found: Residents = {provider: {} for provider in providers}
    seen = await links.live_links(list(providers))
    if facility_id is not None:
        seen = [link for link in seen if link.facility_id == facility_id]
    if not scope.everywhere:
        seen = [link for link in seen if scope.covers_person(link.user_id, link.facility_id)]
    for link in seen:
        if is_on(providers[link.provider_id], link.facility_id):
            found[link.provider_id][link.external_user_id] = link
    return found


def in_view(scope: Scope, provider: rows.Provider, facility_id: int | None) -> bool:
    """Whether a provider is in the viewer's view of a facility (None: of everything in scope)."""
    return facility_id is None or (scope.covers_facility(facility_id) and is_on(provider, facility_id))


def is_on(provider: rows.Provider, facility_id: int | None) -> bool:
    """Whether a provider is switched on for the people of a facility."""
    return provider.facility_ids is None or facility_id in provider.facility_ids
