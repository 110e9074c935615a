"""The organisation's OpenID Connect issuer: where its endpoints are, and clients registered with it (RFC 7591, 7592)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from canvas.web import Reply, Web, WebError

CALLBACK = "/login/oauth2/callback"
"""Where Canvas wants people sent back to."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses of an issuer; None: unknown."""

    registration: str | None = None
    authorize: str | None = None
    token: str | None = None
    userinfo: str | None = None
    end_session: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client of an issuer. `manage_url` and `manage_token` take it back again, where the issuer gave them."""

    id: str
    secret: str = field(repr=False)
    manage_url: str | None = None
    manage_token: str | None = field(default=None, repr=False)


async def discover(web: Web, issuer: str) -> Endpoints:
    """What an issuer says of itself.

    Source: GET {issuer}/.well-known/openid-configuration
    Errors: WebError; AddressNotAllowed.
    """
    reply = await web.ask("GET", f"{issuer.strip().rstrip('/')}/.well-known/openid-configuration")
    if reply.status != 200:
        raise WebError("The sign-in server does not tell its endpoints.")
    found = reply.payload
    return Endpoints(
        _text(found, "registration_endpoint"),
        _text(found, "authorization_endpoint"),
        _text(found, "token_endpoint"),
        _text(found, "userinfo_endpoint"),
        _text(found, "end_session_endpoint"),
    )


async def register(
    web: Web, url: str, name: str, redirect_uris: Sequence[str], scopes: Sequence[str], token: str | None
) -> Client:
    """A new confidential client.

    Source: POST to the registration endpoint (RFC 7591); `token` is its initial access token where it wants one.
    Errors: WebError; AddressNotAllowed.
    """
    asked = {
        "client_name": name,
        "redirect_uris": list(redirect_uris),
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "scope": " ".join(scopes),
    }
    return _client(await web.ask("POST", url, json=asked, token=token))


async def remove(web: Web, client: Client) -> None:
    """Take a client back (RFC 7592). Nothing where the issuer offers no way to. Errors: WebError; AddressNotAllowed."""
    if client.manage_url and client.manage_token:
        await web.ask("DELETE", client.manage_url, token=client.manage_token)


def _client(reply: Reply) -> Client:
    id, secret = _text(reply.payload, "client_id"), _text(reply.payload, "client_secret")
    if reply.status in (401, 403):
        raise WebError("The sign-in server wants an initial access token for this.")
    if reply.status not in (200, 201) or id is None or secret is None:
        raise WebError("The sign-in server did not register a client with a secret.")
    manage = _text(reply.payload, "registration_client_uri"), _text(reply.payload, "registration_access_token")
    return Client(id, secret, *manage)


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) and value else None
