from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import ProviderRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.scalars import URL
from graph.types.provider import Provider, provider
from services import sign_in

RecreateOidcClientError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | UpstreamRejectedError,
    strawberry.union(
        "RecreateOidcClientError", description="Why nothing was registered; the former sign-in still works."
    ),
]


@strawberry.input(
    description="How to register the organisation's sign-in. Give an `issuer` that tells its endpoints, or the endpoints; and a "
    "client, or let one be registered."
)
class RecreateOidcClientInput:
    provider_id: strawberry.ID = strawberry.field(description="The Canvas instance.")
    issuer: URL | None = strawberry.field(default=None, description="The OpenID Connect issuer.")
    registration_url: URL | None = strawberry.field(
        default=None, description="Where clients are registered (RFC 7591); the issuer's own when left out."
    )
    initial_access_token: str | None = strawberry.field(
        default=None, description="What the registration wants to see, if anything. It is not kept."
    )
    client_id: str | None = strawberry.field(default=None, description="A client registered by hand, with its secret.")
    client_secret: str | None = strawberry.field(default=None, description="It is sealed and never shown again.")
    authorize_url: URL | None = strawberry.field(default=None, description="Where people sign in.")
    token_url: URL | None = strawberry.field(default=None, description="Where Canvas asks who signed in.")
    userinfo_url: URL | None = strawberry.field(default=None, description="Where Canvas asks for more about them.")
    end_session_url: URL | None = strawberry.field(default=None, description="Where people sign out.")
    scopes: list[str] | None = strawberry.field(default=None, description="openid, profile and email when left out.")
    login_attribute: str | None = strawberry.field(
        default=None, description="The claim that is the person's user name; preferred_username when left out."
    )
    finish: bool = strawberry.field(
        default=False, description="Register nothing: go on with a recreation that did not come to its end."
    )
    idempotency_key: str | None = idempotency_key()

    def sign_in(self) -> sign_in.SignIn:
        plain = ("issuer", "registration_url", "initial_access_token", "client_id", "client_secret")
        more = ("authorize_url", "token_url", "userinfo_url", "end_session_url", "scopes", "login_attribute")
        given = {name: value for name in (*plain, *more) if (value := getattr(self, name)) is not None}
        return sign_in.SignIn(**given)


@strawberry.type(description="One step of registering a sign-in anew.")
class OidcStep:
    name: str = strawberry.field(description="REGISTER, CREATE, MOVE_LOGINS or REMOVE.")
    ok: bool = strawberry.field(description="Whether it was done.")
    message: str = strawberry.field(description="What it came to, in a sentence.")


@strawberry.type(description="The outcome of `recreateOidcClient`. Whatever failed, one registration works.")
class RecreateOidcClientPayload:
    provider: Provider | None = strawberry.field(default=None, description="With the registration in use.")
    steps: list[OidcStep] | None = strawberry.field(
        default=None, description="How far it came. Where one is not `ok`, go on later with `finish: true`."
    )
    errors: list[RecreateOidcClientError] = errors()


@mutation(
    RecreateOidcClientPayload,
    "Register the organisation's sign-in in a Canvas, anew where there is one: the new one first, then everybody's logins move, "
    "and the old one is removed last. Department admins only.",
)
async def recreate_oidc_client(
    info: Info, input: Annotated[RecreateOidcClientInput, INPUT]
) -> RecreateOidcClientPayload | None:
    op, ref = info.context.op, ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    done = await (
        sign_in.finish_sign_in(op, ref) if input.finish else sign_in.recreate_oidc_client(op, ref, input.sign_in())
    )
    steps = [OidcStep(name=step.name, ok=step.ok, message=step.message) for step in done]
    return RecreateOidcClientPayload(provider=await provider(info, ref), steps=steps)
