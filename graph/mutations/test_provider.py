from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from services.provider_checks import check_provider

TestProviderError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("TestProviderError", description="Why a provider was not tried."),
]


@strawberry.input(description="The provider to try.")
class TestProviderInput:
    id: strawberry.ID = strawberry.field(description="The provider.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="One thing homeroom needs of a Canvas, tried out.")
class ProviderCheck:
    name: str = strawberry.field(
        description="reachability, accessKey, account, courses, people, rosters, calendar or groups."
    )
    ok: bool = strawberry.field(description="Whether it works.")
    required: bool = strawberry.field(description="Whether nothing of this Canvas can be shown without it.")
    message: str = strawberry.field(description="Good news, or what to do, in words.")


@strawberry.type(description="The outcome of `testProvider`.")
class TestProviderPayload:
    ok: bool | None = strawberry.field(default=None, description="Whether everything that is required works.")
    checks: list[ProviderCheck] | None = strawberry.field(
        default=None, description="In the order in which to mend them."
    )
    errors: list[TestProviderError] = errors()


@mutation(TestProviderPayload, "Try a Canvas connection: address, key, account, permissions. Department admins only.")
async def test_provider(info: Info, input: Annotated[TestProviderInput, INPUT]) -> TestProviderPayload | None:
    found = await check_provider(info.context.op, ProviderRef(input_key(input.id, "id", ProviderRef)))
    checks = [ProviderCheck(name=c.name, ok=c.ok, required=c.required, message=c.message) for c in found]
    return TestProviderPayload(ok=all(check.ok for check in found if check.required), checks=checks)
