"""People and logins made by a client, sign-in providers, and analytics."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.app import Sandbox
from sandbox.world import World

USERS = "/api/v1/accounts/1/users"
LOGINS = "/api/v1/accounts/1/logins"
PROVIDERS = "/api/v1/accounts/1/authentication_providers"
OIDC = {
    "auth_type": "openid_connect",
    "client_id": "homeroom",
    "client_secret": "hush",
    "authorize_url": "https://id.example/auth",
    "token_url": "https://id.example/token",
}


async def test_a_new_person_has_a_login(client: httpx.AsyncClient) -> None:
    body = {
        "user": {"name": "Kim Reed", "skip_registration": True},
        "pseudonym": {"unique_id": "kim@x.example", "sis_user_id": "D9"},
    }

    made = (await client.post(USERS, json=body)).json()
    logins = (await client.get(f"/api/v1/users/{made['id']}/logins")).json()

    assert (made["name"], made["sortable_name"], made["login_id"], made["sis_user_id"]) == (
        "Kim Reed",
        "Reed, Kim",
        "kim@x.example",
        "D9",
    )
    assert [(row["unique_id"], row["account_id"]) for row in logins] == [("kim@x.example", 1)]
    assert "authentication_provider_type" not in logins[0]


async def test_a_missing_name_is_the_login_and_sis_needs_the_right(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.denied_rights = ["manage_sis"]

    made = (await client.post(USERS, data={"pseudonym[unique_id]": "kim", "pseudonym[sis_user_id]": "D9"})).json()

    assert (made["name"], made["sis_user_id"]) == ("kim", None)


@pytest.mark.parametrize(("unique_id", "type"), [("reed1", "taken"), ("REED1", "taken"), ("", "blank")])
async def test_failures_are_an_object_of_objects(client: httpx.AsyncClient, unique_id: str, type: str) -> None:
    answer = await client.post(USERS, json={"pseudonym": {"unique_id": unique_id}})

    errors = answer.json()["errors"]
    assert answer.status_code == 400
    assert list(errors) == ["user", "pseudonym", "observee", "pairing_code", "recaptcha"]
    assert errors["pseudonym"]["unique_id"][0]["type"] == type


async def test_logins_name_their_provider_by_number_or_type(client: httpx.AsyncClient) -> None:
    provider = (await client.post(PROVIDERS, json=OIDC)).json()
    named = {"user": {"id": "91"}, "login": {"unique_id": "reed1", "authentication_provider_id": "openid_connect"}}

    made = (await client.post(LOGINS, json=named)).json()
    taken = await client.post(LOGINS, json=named)
    unknown = await client.post(LOGINS, json={**named, "login": {"unique_id": "x", "authentication_provider_id": "77"}})
    below = await client.post("/api/v1/accounts/9/logins", json=named)

    assert (made["authentication_provider_id"], made["authentication_provider_type"]) == (
        provider["id"],
        "openid_connect",
    )
    assert (taken.status_code, taken.json()["errors"]["unique_id"][0]["type"]) == (400, "taken")
    assert (unknown.status_code, below.status_code) == (404, 404)


async def test_logins_are_changed_and_removed(client: httpx.AsyncClient, world: World) -> None:
    login = world.logins_of_user[91][0]

    changed = (await client.put(f"{LOGINS}/{login.id}", json={"login": {"unique_id": "reed.one"}})).json()
    clash = await client.put(f"{LOGINS}/{login.id}", json={"login": {"unique_id": "reed2"}})
    gone = (await client.delete(f"/api/v1/users/91/logins/{login.id}")).json()
    user = (await client.get("/api/v1/users/91")).json()

    assert (changed["unique_id"], clash.status_code, gone["workflow_state"]) == ("reed.one", 400, "deleted")
    assert "login_id" not in user
    assert user["sis_user_id"] is None


async def test_a_provider_never_shows_its_secret(client: httpx.AsyncClient) -> None:
    made = (await client.post(PROVIDERS, json={"authentication_provider": OIDC})).json()
    listed = (await client.get(PROVIDERS)).json()

    assert [row["auth_type"] for row in listed] == ["canvas", "openid_connect"]
    assert listed[1] == made
    assert (made["login_attribute"], made["client_id"], "client_secret" in made) == ("sub", "homeroom", False)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"auth_type": "x"}, 400, "invalid or missing auth_type 'x', must be one of apple,canvas,"),
        ({}, 400, "invalid or missing auth_type ''"),
        ({"auth_type": "canvas"}, 422, "duplicate provider canvas"),
        ({**OIDC, "token_url": ""}, 422, "can't be blank"),
    ],
)
async def test_bad_providers_are_refused(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, message: str
) -> None:
    answer = await client.post(PROVIDERS, json=body)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["message"].startswith(message)


async def test_a_removed_provider_takes_its_logins_along(client: httpx.AsyncClient, world: World) -> None:
    provider = (await client.post(PROVIDERS, json=OIDC)).json()
    login = world.add_login(91, "reed1", provider_id=provider["id"])

    other = await client.put(f"{PROVIDERS}/{provider['id']}", json={"auth_type": "saml"})
    changed = (await client.put(f"{PROVIDERS}/{provider['id']}", json={"login_attribute": "email"})).json()
    gone = await client.delete(f"{PROVIDERS}/{provider['id']}")

    assert (other.status_code, changed["login_attribute"]) == (400, "email")
    assert (gone.status_code, login.state, len((await client.get(PROVIDERS)).json())) == (200, "deleted", 1)


SUMMARIES = "/api/v1/courses/4821/analytics/student_summaries"


async def test_summaries_are_paged_and_may_lack_page_views(client: httpx.AsyncClient, app: Sandbox) -> None:
    full = (await client.get(SUMMARIES)).json()
    one = (await client.get(f"{SUMMARIES}?student_id=92")).json()
    falling = (await client.get(f"{SUMMARIES}?sort_column=page_views_descending")).json()
    app.state.behaviour.page_views = False
    blind = (await client.get(f"{SUMMARIES}?per_page=2")).json()

    assert [row["id"] for row in full] == [91, 92, 93, 94, 95]
    assert one == [full[1]]
    assert falling == sorted(full, key=lambda row: -row["page_views"])
    assert [(row["page_views"], row["max_page_views"], row["page_views_level"]) for row in blind] == [(None,) * 3] * 2
    tardiness = full[0]["tardiness_breakdown"]
    assert tardiness["total"] == sum(tardiness[name] for name in ("on_time", "late", "missing", "floating"))


async def test_no_analytics_is_a_404(client: httpx.AsyncClient, app: Sandbox, world: World) -> None:
    world.add_course("Empty", id=50)
    empty = await client.get("/api/v1/courses/50/analytics/student_summaries")
    world.set_course(4821, state="created")
    unpublished = await client.get(SUMMARIES)
    world.set_course(4821, state="available")
    app.state.behaviour.analytics_installed = False
    absent = await client.get(SUMMARIES)

    assert [answer.status_code for answer in (empty, unpublished, absent)] == [404, 404, 404]
