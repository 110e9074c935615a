from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from domain import rows
from domain.catalog import SourceStatus
from domain.enums import ProviderState
from domain.freshness import Freshness
from resolvers.context import Context
from services import provider_updates, providers


async def providers_in(ctx: Context, states: Sequence[ProviderState]) -> list[rows.Provider]:
    return await providers.list_providers(ctx.op.loaders, states)


async def providers_by_number(ctx: Context, numbers: Sequence[int]) -> list[rows.Provider | None]:
    return await providers.providers_by_number(ctx.op.loaders, numbers)


async def freshness(ctx: Context, found: Sequence[rows.Provider]) -> list[Freshness]:
    return await providers.freshness(ctx.op.loaders, found)


async def oidc_clients(ctx: Context, numbers: Sequence[int]) -> list[rows.OidcClient | None]:
    return await providers.oidc_clients(ctx.op.loaders, numbers)


def updates(ctx: Context, number: int) -> AsyncIterator[SourceStatus]:
    return provider_updates.updates(ctx.op, number)
