"""Creating people, and their logins."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.lookup import plain_id
from sandbox.paging import Listing
from sandbox.params import Params
from sandbox.refusals import Refusal, invalid, not_found
from sandbox.shapes.users import user_json
from sandbox.world.rows import DELETED, Login, Provider
from sandbox.world.tables import ROOT_ID

TAKEN = "ID already in use for this account and authentication provider"


def login_json(ask: Ask, row: Login) -> dict[str, Any]:
    body = {
        "id": row.id,
        "user_id": row.user_id,
        "account_id": row.account_id,
        "unique_id": row.unique_id,
        "sis_user_id": row.sis_user_id,
        "integration_id": row.integration_id,
        "authentication_provider_id": row.provider_id,
        "created_at": row.created_at,
        "workflow_state": row.state,
        "declared_user_type": row.declared_user_type,
        "must_reset_password": False,
    }
    if row.provider_id is not None:
        body["authentication_provider_type"] = ask.world.providers[row.provider_id].auth_type
    return body


def list_of_user(ask: Ask) -> Listing:
    user = ask.find.user(ask.path["user"])
    ask.caller.need("view_logins")
    rows = [row for row in ask.world.logins_of_user[user.id] if row.state != DELETED]
    return Listing(rows, lambda row: login_json(ask, row))


def list_of_account(ask: Ask) -> Listing:
    ask.find.account(ask.path["account"])
    ask.caller.need("view_logins")
    rows = [row for row in ask.world.logins.values() if row.state != DELETED]
    return Listing(rows, lambda row: login_json(ask, row))


def provider_of(ask: Ask, params: Params) -> Provider | None:
    """By number or type name (the first of that type); unknown ones are a 404."""
    text = params.text("authentication_provider_id")
    if not text:
        return None
    rows = sorted(ask.world.providers.values(), key=lambda row: row.position)
    live = [row for row in rows if row.state != DELETED]
    found = next((row for row in live if row.auth_type == text or row.id == plain_id(text)), None)
    if found is None:
        raise not_found()
    return found


def _is_taken(ask: Ask, unique_id: str, provider: Provider | None, but: Login | None = None) -> bool:
    wanted = unique_id.lower(), provider.id if provider else None
    rows = (row for row in ask.world.logins.values() if row.state != DELETED and row is not but)
    return any((row.unique_id.lower(), row.provider_id) == wanted for row in rows)


def create_user(ask: Ask) -> dict[str, Any]:
    """A new person with a login; failures are an object of objects."""
    ask.find.account(ask.path["account"])
    ask.caller.need("manage_logins")
    user, pseudonym = ask.params.under("user"), ask.params.under("pseudonym")
    unique_id = (pseudonym.text("unique_id") or "").strip()
    provider = provider_of(ask, pseudonym)
    if not unique_id:
        raise _nested("blank", "Login ID is required")
    if _is_taken(ask, unique_id, provider):
        raise _nested("taken", TAKEN)
    sis = ask.caller.may("manage_sis")
    channel = ask.params.under("communication_channel").text("address")
    row = ask.world.add_user(
        user.text("name") or unique_id,
        sortable_name=user.text("sortable_name"),
        short_name=user.text("short_name"),
        email=channel or (unique_id if "@" in unique_id else None),
        time_zone=user.text("time_zone") or ask.world.accounts[ROOT_ID].time_zone,
    )
    row.state = "registered" if user.flag("skip_registration") else "pre_registered"
    _add_login(ask, row.id, unique_id, pseudonym, provider, sis=sis)
    return {**user_json(ask, row), "locale": user.text("locale"), "uuid": f"user-{row.id:x}"}


def _add_login(
    ask: Ask, user_id: int, unique_id: str, params: Params, provider: Provider | None, *, sis: bool
) -> Login:
    """SIS fields are ignored, silently, without the right."""
    return ask.world.add_login(
        user_id,
        unique_id,
        sis_id=params.text("sis_user_id") if sis else None,
        integration_id=params.text("integration_id") if sis else None,
        provider_id=provider.id if provider else None,
        declared_user_type=params.text("declared_user_type"),
    )


def _nested(type: str, message: str) -> Refusal:
    error = {"attribute": "unique_id", "type": type, "message": message}
    errors = {"user": {}, "pseudonym": {"unique_id": [error]}, "observee": {}, "pairing_code": {}, "recaptcha": None}
    return Refusal(400, {"errors": errors})


def create_login(ask: Ask) -> dict[str, Any]:
    """One more login for a person, on the root account only."""
    account = ask.find.account(ask.path["account"])
    if account.id != ROOT_ID:
        raise not_found()
    ask.caller.need("manage_logins")
    user = ask.find.user(_user_ref(ask.params.under("user")))
    login = ask.params.under("login")
    provider = provider_of(ask, login)
    unique_id = _unique_id(ask, login, provider)
    row = _add_login(ask, user.id, unique_id, login, provider, sis=ask.caller.may("manage_sis"))
    return login_json(ask, row)


def _user_ref(params: Params) -> str:
    if "sis_user_id" in params:
        return f"sis_user_id:{params.text('sis_user_id')}"
    return params.text("id") or ""


def _unique_id(ask: Ask, params: Params, provider: Provider | None, but: Login | None = None) -> str:
    text = (params.text("unique_id") or "").strip()
    if not text:
        raise invalid("unique_id", "blank", "Login ID is required")
    if _is_taken(ask, text, provider, but):
        raise invalid("unique_id", "taken", TAKEN)
    return text


def update_login(ask: Ask) -> dict[str, Any]:
    ask.caller.need("manage_logins")
    row, params = _login(ask), ask.params.under("login")
    provider = provider_of(ask, params)
    present = ask.world.providers.get(row.provider_id or 0)
    if "unique_id" in params or provider:
        named = params if "unique_id" in params else Params({"unique_id": row.unique_id})
        row.unique_id = _unique_id(ask, named, provider or present, row)
    row.provider_id = provider.id if provider else row.provider_id
    if "sis_user_id" in params and ask.caller.may("manage_sis"):
        row.sis_user_id = params.text("sis_user_id")
    if "declared_user_type" in params:
        row.declared_user_type = params.text("declared_user_type")
    return login_json(ask, row)


def delete_login(ask: Ask) -> dict[str, Any]:
    ask.caller.need("manage_logins")
    row = _login(ask)
    row.state = DELETED
    return login_json(ask, row)


def _login(ask: Ask) -> Login:
    row = ask.world.logins.get(plain_id(ask.path["login"]) or 0)
    if row is None or row.state == DELETED:
        raise not_found()
    if "user" in ask.path and row.user_id != ask.find.user(ask.path["user"]).id:
        raise not_found()
    return row
