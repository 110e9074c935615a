"""How people sign in to Canvas."""

from __future__ import annotations

from typing import Any

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, made_of, row, rows
from domain import facts
from domain.errors import UpstreamUnreadable


class _Login(msgspec.Struct):
    id: Id
    user_id: Id
    unique_id: str
    authentication_provider_id: Id | None = None
    sis_user_id: str | int | None = None


async def list_logins(canvas: Canvas, user_id: str) -> list[facts.Login]:
    """One person's logins.

    Source: GET /api/v1/users/:id/logins
    Errors: UpstreamForbidden without the right to see logins.
    """
    found = await canvas.get_all(canvas.path("users/{}/logins", user_id), {"per_page": 100})
    return [_login(login) for login in rows(found, _Login)]


async def list_account_logins(canvas: Canvas) -> list[facts.Login]:
    """Every login of the account.

    Source: GET /api/v1/accounts/:id/logins, all pages
    Errors: UpstreamForbidden without the right to see logins.
    """
    found = await canvas.get_all(canvas.path("accounts/{}/logins", canvas.account_id), {"per_page": 100})
    return await made_of(found, _Login, _login)


async def create_login(canvas: Canvas, user_id: str, unique_id: str, provider_id: str | None = None) -> facts.Login:
    """Give a person a login, bound to one authentication provider where that is named.

    Source: POST /api/v1/accounts/:id/logins
    Quirk:  root accounts only.
    Errors: UpstreamRejected with type `taken` on `unique_id`; UpstreamMissing for an unknown provider.
    """
    data = {"user[id]": user_id, "login[unique_id]": unique_id}
    if provider_id is not None:
        data["login[authentication_provider_id]"] = provider_id
    return _read(canvas, await canvas.post(canvas.path("accounts/{}/logins", canvas.account_id), data))


async def update_login(canvas: Canvas, login_id: str, provider_id: str) -> facts.Login:
    """Bind a login to another authentication provider.

    Source: PUT /api/v1/accounts/:id/logins/:login_id
    """
    data = {"login[authentication_provider_id]": provider_id}
    return _read(canvas, await canvas.put(canvas.path("accounts/{}/logins/{}", canvas.account_id, login_id), data))


async def delete_login(canvas: Canvas, user_id: str, login_id: str) -> None:
    """Take a login away.

    Source: DELETE /api/v1/users/:id/logins/:login_id
    """
    await canvas.delete(canvas.path("users/{}/logins/{}", user_id, login_id))


def _read(canvas: Canvas, payload: Any) -> facts.Login:
    found = row(payload, _Login)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "login")
    return _login(found)


def _login(login: _Login) -> facts.Login:
    provider = login.authentication_provider_id
    return facts.Login(
        id=str(login.id),
        user_id=str(login.user_id),
        unique_id=login.unique_id,
        provider_id=None if provider is None else str(provider),
        sis_user_id=None if login.sis_user_id is None else str(login.sis_user_id),
    )
