"""Accounts of people."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, id_order, made_of, name, row
from canvas.sender import Params
from domain import facts
from domain.errors import UpstreamUnreadable


class _User(msgspec.Struct):
    id: Id
    name: str | None = None
    sortable_name: str | None = None
    login_id: str | None = None
    email: str | None = None
    sis_user_id: str | int | None = None
    merged_into_user_id: Id | None = None


async def list_users(canvas: Canvas) -> list[facts.Person]:
    """Everybody of the provider's account, by ascending id.

    Source: GET /api/v1/accounts/:id/users?sort=id&include[]=email
    Shape:  bookmark pages of 100, one after the other.
    Quirk:  an identifier the key may not see is absent; a person without a login has none.
    Errors: UpstreamForbidden without the right to read the account's people.
    """
    params: Params = {"sort": "id", "order": "asc", "include[]": ["email"], "per_page": 100}
    found = await canvas.get_all(canvas.path("accounts/{}/users", canvas.account_id), params)
    return sorted(await made_of(found, _User, _person), key=lambda person: id_order(person.id))


async def show_user(canvas: Canvas, user_id: str) -> facts.Person | facts.GonePerson:
    """One person, or what is left of a deleted or merged one.

    Source: GET /api/v1/users/:id?include[]=email
    Quirk:  a deleted or merged account is a 404 with the person in it.
    Errors: UpstreamMissing, also for one the key may not see.
    """
    there, payload = await canvas.get_or_gone(canvas.path("users/{}", user_id), {"include[]": ["email"]})
    found = row(payload, _User)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "user")
    if there:
        return _person(found)
    merged_into = None if found.merged_into_user_id is None else str(found.merged_into_user_id)
    return facts.GonePerson(str(found.id), name(found.name), merged_into)


async def search_users(canvas: Canvas, term: str) -> list[facts.Person]:
    """People of the account whose name, login, e-mail or SIS id holds `term`.

    Source: GET /api/v1/accounts/:id/users?search_term=, all pages
    Shape:  at least 2 characters (3 in older Canvas); any order.
    Errors: UpstreamRejected for a shorter term.
    """
    params: Params = {"search_term": term, "include[]": ["email"], "per_page": 100}
    found = await canvas.get_all(canvas.path("accounts/{}/users", canvas.account_id), params)
    return await made_of(found, _User, _person)


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who is to get an account. `provider_id` binds the login to one authentication provider."""

    name: str
    sortable_name: str
    login_id: str
    email: str | None = None
    sis_user_id: str | None = None
    provider_id: str | None = None


async def create_user(canvas: Canvas, user: NewUser) -> facts.Person:
    """Make an account with a login, without sending anybody a mail.

    Source: POST /api/v1/accounts/:id/users
    Quirk:  without an e-mail a login that looks like one becomes it; SIS ids are dropped silently without that right.
            Not repeated after a timeout: look with `search_users` first.
    Errors: UpstreamRejected with type `taken` on `unique_id`; UpstreamMissing for an unknown provider.
    """
    data = {
        "user[name]": user.name,
        "user[sortable_name]": user.sortable_name,
        "user[skip_registration]": "true",
        "pseudonym[unique_id]": user.login_id,
        "pseudonym[send_confirmation]": "false",
    }
    if user.sis_user_id:
        data["pseudonym[sis_user_id]"] = user.sis_user_id
    if user.provider_id:
        data["pseudonym[authentication_provider_id]"] = user.provider_id
    if user.email:
        data |= {
            "communication_channel[type]": "email",
            "communication_channel[address]": user.email,
            "communication_channel[skip_confirmation]": "true",
        }
    found = row(await canvas.post(canvas.path("accounts/{}/users", canvas.account_id), data), _User)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "user")
    return _person(found)


def _person(user: _User) -> facts.Person:
    return facts.Person(
        id=str(user.id),
        name=name(user.name),
        sortable_name=name(user.sortable_name),
        login_id=name(user.login_id),
        email=name(user.email),
        sis_user_id=None if user.sis_user_id is None else name(str(user.sis_user_id)),
    )
