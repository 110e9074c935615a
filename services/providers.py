"""Canvas instances, as far as the viewer may know of them."""

from __future__ import annotations

from collections.abc import Sequence

from db.queries import providers
from domain import rows
from domain.catalog import SourceStatus
from domain.enums import ProviderState, SourceState
from domain.freshness import Freshness
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES

DISABLED = Freshness(SourceState.DISABLED)


async def list_providers(loaders: Loaders, states: Sequence[ProviderState]) -> list[rows.Provider]:
    """Those in one of `states`, by state and name; for others than department admins only the enabled ones."""
    if loaders.scope.everywhere:
        return await providers.providers(loaders.scope, states)
    return list((await loaders.providers()).values()) if ProviderState.ENABLED in states else []


async def providers_by_number(loaders: Loaders, numbers: Sequence[int]) -> list[rows.Provider | None]:
    """One answer per number: the row, or None for what does not exist for the viewer."""
    found = dict(await loaders.providers())
    missing = [number for number in numbers if number not in found]
    if missing and loaders.scope.everywhere:
        found |= {row.id: row for row in await providers.providers_by_ids(loaders.scope, missing)}
    return [found.get(number) for number in numbers]


async def freshness(loaders: Loaders, found: Sequence[rows.Provider]) -> list[Freshness]:
    """How current the course list of each provider is; DISABLED for those that are off."""
    return [await _freshness(loaders, row.id) for row in found]


async def oidc_clients(loaders: Loaders, numbers: Sequence[int]) -> list[rows.OidcClient | None]:
    """The sign-in registration of each provider; None without one and for those who do not manage providers."""
    found = await providers.oidc_clients(numbers) if loaders.scope.everywhere else {}
    return [found.get(number) for number in numbers]


async def status(loaders: Loaders, number: int) -> SourceStatus | None:
    """What a subscriber is told of a provider: its freshness and how many of its courses are in hand."""
    if number not in await loaders.providers():
        return None
    reading = (await loaders.read(COURSES, number, [ACCOUNT]))[ACCOUNT]
    count = len([course for course in reading.value.courses if course.published]) if reading.value else None
    return SourceStatus(number, reading.freshness, count, count)


async def _freshness(loaders: Loaders, number: int) -> Freshness:
    readings = await loaders.read(COURSES, number, [ACCOUNT])
    return readings[ACCOUNT].freshness if readings else DISABLED
