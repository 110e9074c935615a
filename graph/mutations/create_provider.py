from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef
from graph.enums import MatchPolicy, ProviderKind
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.provider import Provider, provider
from services.provider_changes import ProviderFields
from services.provider_changes import create_provider as create

CreateProviderError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("CreateProviderError", description="Why a provider was not created."),
]


@strawberry.input(description="A Canvas instance to connect to.")
class CreateProviderInput:
    name: str = strawberry.field(description="Its name, which is also that of its program.")
    base_url: str = strawberry.field(description="Its address, such as https://canvas.example.org, without a path.")
    account_id: str = strawberry.field(
        description="The account whose courses and people are read; “self” for the key's own."
    )
    access_key: str = strawberry.field(
        description="An access token made in Canvas. It is sealed at once and never shown again."
    )
    kind: ProviderKind = strawberry.field(default=ProviderKind.CANVAS_CLOUD, description="Who hosts it.")
    match_policy: MatchPolicy | None = strawberry.field(
        default=None, description="How its name matches are graded; SAFE when left out."
    )
    facility_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Where it is switched on; everywhere when left out."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createProvider`.")
class CreateProviderPayload:
    provider: Provider | None = strawberry.field(
        default=None, description="The new provider. Go on with `testProvider`."
    )
    errors: list[CreateProviderError] = errors()


@mutation(CreateProviderPayload, "Connect a Canvas instance. Department admins only.")
async def create_provider(info: Info, input: Annotated[CreateProviderInput, INPUT]) -> CreateProviderPayload | None:
    facilities = input.facility_ids
    fields = ProviderFields(
        name=input.name,
        kind=input.kind,
        base_url=input.base_url,
        account_id=input.account_id,
        access_key=input.access_key,
        match_policy=input.match_policy,
        facility_ids=None if facilities is None else [input_key(id, "facilityIds", FacilityRef) for id in facilities],
    )
    ref = await create(info.context.op, fields)
    return CreateProviderPayload(provider=await provider(info, ref))
