"""Authentication providers of the root account."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.lookup import plain_id
from sandbox.params import Params
from sandbox.refusals import Refusal, bad_request, not_found
from sandbox.world.rows import DELETED, Provider
from sandbox.world.tables import ROOT_ID

TYPES = (
    "apple", "canvas", "cas", "clever", "facebook", "github", "google", "ldap", "linkedin", "microsoft", "openid_connect",
    "saml",
)  # fmt: skip
SINGLETONS = {"apple", "canvas", "clever", "facebook", "github", "google", "linkedin", "microsoft"}
REQUIRED = ("client_id", "client_secret", "authorize_url", "token_url")
OPENID: dict[str, Any] = {
    "client_id": None,
    "authorize_url": None,
    "token_url": None,
    "scope": None,
    "login_attribute": "sub",
    "end_session_endpoint": None,
    "userinfo_endpoint": None,
    "jit_provisioning": False,
    "mfa_required": False,
    "skip_internal_mfa": False,
    "federated_attributes": {},
}
CANT_CHANGE = "Can not change type of authorization config, please delete and create new config."


def provider_json(row: Provider) -> dict[str, Any]:
    """The settings without the secret."""
    shown = {key: value for key, value in row.settings.items() if key != "client_secret"}
    known = OPENID if row.auth_type == "openid_connect" else {}
    return {**known, **shown, "id": row.id, "auth_type": row.auth_type, "position": row.position}


def listing(ask: Ask) -> list[dict[str, Any]]:
    """By position, not paged."""
    _root(ask)
    return [provider_json(row) for row in _live(ask)]


def create(ask: Ask) -> dict[str, Any]:
    _root(ask)
    params = _params(ask)
    kind = params.text("auth_type")
    if kind not in TYPES:
        message = f"invalid or missing auth_type '{kind or ''}', must be one of {','.join(TYPES)}"
        raise Refusal(400, {"errors": [{"message": message}]})
    if kind in SINGLETONS and any(row.auth_type == kind for row in _live(ask)):
        raise Refusal(422, {"errors": [{"message": f"duplicate provider {kind}"}]})
    settings = _settings(params)
    if kind == "openid_connect":
        _require(settings)
    key = ask.world.fresh_id("provider")
    position = params.number("position") or len(_live(ask)) + 1
    ask.world.providers[key] = Provider(id=key, auth_type=kind, position=position, settings=settings)
    return provider_json(ask.world.providers[key])


def show(ask: Ask) -> dict[str, Any]:
    return provider_json(_provider(ask))


def update(ask: Ask) -> dict[str, Any]:
    row, params = _provider(ask), _params(ask)
    if params.text("auth_type") not in {None, row.auth_type}:
        raise bad_request(CANT_CHANGE)
    row.settings |= _settings(params)
    row.position = params.number("position") or row.position
    return provider_json(row)


def delete(ask: Ask) -> dict[str, Any]:
    """The provider goes; logins bound to it go with it."""
    row = _provider(ask)
    row.state = DELETED
    for login in ask.world.logins.values():
        if login.provider_id == row.id:
            login.state = DELETED
    return provider_json(row)


def _root(ask: Ask) -> None:
    if ask.find.account(ask.path["account"]).id != ROOT_ID:
        raise not_found()
    ask.caller.need("manage_account")


def _live(ask: Ask) -> list[Provider]:
    return sorted((row for row in ask.world.providers.values() if row.state != DELETED), key=lambda row: row.position)


def _provider(ask: Ask) -> Provider:
    _root(ask)
    text = ask.path["provider"]
    found = next((row for row in _live(ask) if row.id == plain_id(text) or row.auth_type == text), None)
    if found is None:
        raise not_found()
    return found


def _params(ask: Ask) -> Params:
    """Flat, or under `authentication_provider`."""
    nested = ask.params.under("authentication_provider")
    return nested if nested.values else ask.params


def _settings(params: Params) -> dict[str, Any]:
    known = {*OPENID, "client_secret", "discovery_url", "token_endpoint_auth_method"}
    return {key: value for key, value in params.values.items() if key in known}


def _require(settings: dict[str, Any]) -> None:
    errors = [
        {"field": name, "message": "can't be blank", "error_code": "blank"}
        for name in REQUIRED
        if not settings.get(name)
    ]
    if errors:
        raise Refusal(422, {"errors": errors})
