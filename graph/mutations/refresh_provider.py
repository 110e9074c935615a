from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider import Provider, provider
from services.provider_refresh import refresh_provider as refresh

RefreshProviderError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("RefreshProviderError", description="Why a provider was not refreshed."),
]


@strawberry.input(description="The provider to read anew.")
class RefreshProviderInput:
    id: strawberry.ID = strawberry.field(description="The provider.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `refreshProvider`.")
class RefreshProviderPayload:
    provider: Provider | None = strawberry.field(
        default=None, description="The provider; its `freshness` says whether Canvas has answered already."
    )
    errors: list[RefreshProviderError] = errors()


@mutation(
    RefreshProviderPayload,
    "Treat everything known of a Canvas as out of date and read it again. What was known is shown, as STALE, until then. "
    "Department admins only.",
)
async def refresh_provider(info: Info, input: Annotated[RefreshProviderInput, INPUT]) -> RefreshProviderPayload | None:
    ref = ProviderRef(input_key(input.id, "id", ProviderRef))
    await refresh(info.context.op, ref)
    return RefreshProviderPayload(provider=await provider(info, ref))
