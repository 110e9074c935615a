from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef, ProviderRef
from graph.enums import MatchPolicy, ProviderKind, ProviderState
from graph.errors import (
    ConflictError,
    DifferentCanvasError,
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
from services.provider_changes import update_provider as update

UpdateProviderError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | NameTakenError
    | DifferentCanvasError,
    strawberry.union("UpdateProviderError", description="Why a provider was not changed."),
]


@strawberry.input(description="What to change of a provider; what is left out stays.")
class UpdateProviderInput:
    id: strawberry.ID = strawberry.field(description="The provider.")
    name: str | None = strawberry.field(default=None, description="Its name, which is also that of its program.")
    kind: ProviderKind | None = strawberry.field(default=None, description="Who hosts it.")
    base_url: str | None = strawberry.field(
        default=None,
        description="Another address is another Canvas: give its `accessKey` too. Refused while links are live.",
    )
    account_id: str | None = strawberry.field(
        default=None,
        description="Another account is another Canvas: give its `accessKey` too. Refused while links are live.",
    )
    access_key: str | None = strawberry.field(
        default=None, description="A new access token. It is sealed and never shown again."
    )
    state: ProviderState | None = strawberry.field(
        default=None, description="DISABLED stops every request to it at once."
    )
    match_policy: MatchPolicy | None = strawberry.field(default=None, description="How its name matches are graded.")
    nightly_sync: bool | None = strawberry.field(default=None, description="Whether its teams are pulled every night.")
    facility_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Switch it on at exactly these facilities."
    )
    everywhere: bool = strawberry.field(
        default=False, description="Switch it on at all facilities; not together with `facilityIds`."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateProvider`.")
class UpdateProviderPayload:
    provider: Provider | None = strawberry.field(default=None, description="The provider as it is now.")
    errors: list[UpdateProviderError] = errors()


@mutation(UpdateProviderPayload, "Change a Canvas connection, or switch it off. Department admins only.")
async def update_provider(info: Info, input: Annotated[UpdateProviderInput, INPUT]) -> UpdateProviderPayload | None:
    ref = ProviderRef(input_key(input.id, "id", ProviderRef))
    facilities = input.facility_ids
    fields = ProviderFields(
        name=input.name,
        kind=input.kind,
        base_url=input.base_url,
        account_id=input.account_id,
        access_key=input.access_key,
        state=input.state,
        match_policy=input.match_policy,
        nightly_sync=input.nightly_sync,
        facility_ids=None if facilities is None else [input_key(id, "facilityIds", FacilityRef) for id in facilities],
        everywhere=input.everywhere,
    )
    await update(info.context.op, ref, fields)
    return UpdateProviderPayload(provider=await provider(info, ref))
