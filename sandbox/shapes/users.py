"""User objects."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.world.rows import User


def user_json(ask: Ask, user: User) -> dict[str, Any]:
    """The common user object; SIS fields and the login only with the rights, the login only where there is one."""
    body: dict[str, Any] = {
        "id": user.id,
        "name": user.name,
        "created_at": user.created_at,
        "sortable_name": user.sortable_name,
        "short_name": user.short_name,
    }
    login = ask.world.login_of(user.id)
    if ask.caller.may("read_sis"):
        body["sis_user_id"] = login.sis_user_id if login else None
        body["integration_id"] = login.integration_id if login else None
    if login and ask.caller.may("view_logins"):
        body["login_id"] = login.unique_id
    return body


def user_with_extras(ask: Ask, user: User) -> dict[str, Any]:
    """The user object with what `include[]` asks for."""
    body = user_json(ask, user)
    if ask.caller.may("read_sis"):
        body["sis_import_id"] = None
    if ask.includes("email"):
        body["email"] = user.email
    if ask.includes("avatar_url"):
        body["avatar_url"] = f"{ask.base}/images/messages/avatar-50.png"
    if ask.includes("time_zone"):
        body["time_zone"] = user.time_zone
    if ask.includes("last_login"):
        body["last_login"] = None
    if ask.includes("uuid"):
        body["uuid"] = f"user-{user.id:x}"
    return body


def display_json(ask: Ask, user: User) -> dict[str, Any]:
    """The short form in which a user is shown elsewhere."""
    return {
        "id": user.id,
        "anonymous_id": f"{user.id:x}",
        "display_name": user.short_name,
        "avatar_image_url": f"{ask.base}/images/messages/avatar-50.png",
        "html_url": f"{ask.base}/users/{user.id}",
        "pronouns": None,
    }
