"""The login providers of a Canvas. Root account only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, row, rows
from domain import facts
from domain.errors import UpstreamUnreadable


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """What Canvas must know of an OpenID Connect issuer. The secret never shows in `repr`."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    scope: str | None = None
    login_attribute: str = "sub"


class _Provider(msgspec.Struct):
    id: Id
    auth_type: str
    position: int | None = None
    client_id: str | None = None
    login_attribute: str | None = None


async def list_authentication_providers(canvas: Canvas) -> list[facts.AuthenticationProvider]:
    """All login providers, by position.

    Source: GET /api/v1/accounts/:id/authentication_providers, one page
    Errors: UpstreamForbidden without the right to manage the account.
    """
    path = canvas.path("accounts/{}/authentication_providers", canvas.account_id)
    return [_provider(found) for found in rows(await canvas.get_all(path, {}), _Provider)]


async def create_authentication_provider(canvas: Canvas, client: OpenIdConnect) -> facts.AuthenticationProvider:
    """Register an OpenID Connect issuer beside the providers there are.

    Source: POST /api/v1/accounts/:id/authentication_providers
    Quirk:  Canvas never tells the secret again.
    Errors: UpstreamRejected with the fields at fault.
    """
    data = {"auth_type": "openid_connect", "client_secret": client.client_secret}
    data |= {
        name: value
        for name in client.__slots__
        if name != "client_secret" and (value := getattr(client, name)) is not None
    }
    path = canvas.path("accounts/{}/authentication_providers", canvas.account_id)
    return _read(canvas, await canvas.post(path, data))


async def delete_authentication_provider(canvas: Canvas, provider_id: str) -> None:
    """Remove a login provider, and with it the logins bound to it.

    Source: DELETE /api/v1/accounts/:id/authentication_providers/:provider_id
    """
    await canvas.delete(canvas.path("accounts/{}/authentication_providers/{}", canvas.account_id, provider_id))


def _read(canvas: Canvas, payload: Any) -> facts.AuthenticationProvider:
    found = row(payload, _Provider)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "authentication provider")
    return _provider(found)


def _provider(found: _Provider) -> facts.AuthenticationProvider:
    return facts.AuthenticationProvider(
        str(found.id), found.auth_type, found.position, found.client_id, found.login_attribute
    )
