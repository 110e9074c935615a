"""Signing in: a new registration first, then the logins, the old one last; logins in the background (P-04, W-23)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from db.models import OidcRegistration, ProviderLink
from domain.refs import ProviderRef
from sandbox.behaviour import Fault
from services import sign_in
from tests.graph.operations.matching.scene import Scene, typenames
from tests.support.house import House

RECREATE = """
mutation R($input: RecreateOidcClientInput!) { recreateOidcClient(input: $input) {
  provider { oidcClient { clientId redirectUris scopes } } steps { name ok message }
  errors { __typename ... on UserError { message path } } } }
"""
REQUEST = """
mutation Q($input: RequestLoginInput!) { requestLogin(input: $input) { link { loginState } errors { __typename } } }
"""
BY_HAND = {
    "clientId": "by-hand",
    "clientSecret": "s3cret-of-the-client",
    "authorizeUrl": "https://id.test/authorize",
    "tokenUrl": "https://id.test/token",
}


class Issuer(httpx.AsyncBaseTransport):
    """An OpenID Connect issuer that registers clients, and takes them back."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.clients: set[str] = set()
        self.status = 201
        self.made = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append((request.method, path))
        assert "sandbox-token" not in request.headers.get("authorization", "")
        if path.endswith("openid-configuration"):
            ends = {"registration": "register", "authorization": "authorize", "token": "token", "userinfo": "me"}
            return httpx.Response(200, json={f"{k}_endpoint": f"https://id.test/{v}" for k, v in ends.items()})
        if request.method == "DELETE":
            self.clients.discard(path.rpartition("/")[2])
            return httpx.Response(204)
        if self.status != 201:
            return httpx.Response(self.status, json={"error": "invalid_redirect_uri"})
        self.made += 1
        name = f"client-{self.made}"
        self.clients.add(name)
        manage = {
            "registration_client_uri": f"https://id.test/clients/{name}",
            "registration_access_token": "manage",
        }
        return httpx.Response(201, json={"client_id": name, "client_secret": "shh", **manage})


class Door(Scene):
    """Two linked students, and an issuer at id.test."""

    issuer: Issuer

    async def fill(self) -> Door:
        self.sam, self.ida = self.account("Sam Reed", login="sreed"), self.account("Ida Hall", login="ihall")
        await self.open()
        await self.person("Sam", "Reed", username="sam.reed")
        await self.person("Ida", "Hall", username="ida.hall")
        self.issuer = Issuer()
        self.house.hosts.apps["id.test"] = self.issuer  # type: ignore[assignment]
        return self

    async def recreate(self, viewer: Any = None, **given: Any) -> Any:
        given = {"providerId": self.provider, **(given or {"issuer": "https://id.test/"})}
        return (await self.house.data(RECREATE, viewer or self.chief, input=given))["recreateOidcClient"]

    @property
    def faults(self) -> list[Fault]:
        return self.house.sandboxes[self.canvas.id].state.behaviour.faults  # type: ignore[no-any-return]

    def live_providers(self) -> list[str]:
        """Client ids of the OpenID Connect providers that Canvas has."""
        rows = self.world.providers.values()
        return [
            str(row.settings["client_id"])
            for row in rows
            if row.auth_type == "openid_connect" and row.state != "deleted"
        ]

    def logins_of(self, client: str) -> list[str]:
        """Who can sign in through the provider of a client."""
        ids = {row.id for row in self.world.providers.values() if row.settings.get("client_id") == client}
        rows = self.world.logins.values()
        return sorted(row.unique_id for row in rows if row.provider_id in ids and row.state != "deleted")

    async def states(self) -> dict[str, str]:
        links = await ProviderLink.filter(unlinked_at=None).select_related("user")
        return {link.user.username: link.login_state.value for link in links}


@pytest.fixture
async def door(house: House) -> Door:
    return await Door(house).fill()


def oks(payload: Any) -> list[tuple[str, bool]]:
    return [(step["name"], step["ok"]) for step in payload["steps"]]


async def test_the_first_registration_gives_linked_people_their_logins(door: Door) -> None:
    await door.link(door.people["Sam Reed"], door.sam)
    assert await door.states() == {"sam.reed": "NONE"}
    made = await door.recreate()
    assert made["errors"] == []
    assert made["provider"]["oidcClient"] == {
        "clientId": "client-1",
        "redirectUris": [f"{door.canvas.base_url}/login/oauth2/callback"],
        "scopes": ["openid", "profile", "email"],
    }
    assert oks(made) == [("REGISTER", True), ("CREATE", True)]
    assert await door.states() == {"sam.reed": "PENDING"}
    await door.work()
    assert await door.states() == {"sam.reed": "READY"}
    assert door.logins_of("client-1") == ["sam.reed"]
    row = await OidcRegistration.get(client_id="client-1")
    assert "shh" not in row.sealed_client_secret


async def test_linking_asks_for_a_login_unless_there_is_one(door: Door) -> None:
    await door.recreate()
    provider = max(door.world.providers)
    door.world.add_login(int(door.sam), "sam.reed", provider_id=provider)
    for name, account in (("Sam Reed", door.sam), ("Ida Hall", door.ida)):
        assert (await door.link(door.people[name], account))["link"]["loginState"] == "PENDING"
    door.house.forget_calls()
    await door.work()
    assert await door.states() == {"sam.reed": "READY", "ida.hall": "READY"}
    assert [call[0] for call in door.house.calls(door.canvas)] == ["GET", "GET", "POST"]


async def test_a_failed_login_shows_on_the_link_which_stands(door: Door) -> None:
    """P-04."""
    await door.recreate()
    door.world.add_login(int(door.ida), "sam.reed", provider_id=max(door.world.providers))
    link = (await door.link(door.people["Sam Reed"], door.sam))["link"]["id"]
    await door.work()
    assert await door.states() == {"sam.reed": "FAILED"}
    for login in list(door.world.logins.values()):
        if login.unique_id == "sam.reed":
            login.state = "deleted"
    again = await door.house.data(REQUEST, door.admin, input={"linkId": link})
    assert again["requestLogin"] == {"link": {"loginState": "PENDING"}, "errors": []}
    await door.work()
    assert await door.states() == {"sam.reed": "READY"}
    more = await door.house.data(REQUEST, door.admin, input={"linkId": link})
    assert typenames(more["requestLogin"]) == ["ConflictError"]


async def test_a_canvas_that_is_away_leaves_logins_pending(door: Door) -> None:
    await door.recreate()
    await door.link(door.people["Sam Reed"], door.sam)
    door.faults.append(Fault(path="/logins"))
    await door.work()
    assert await door.states() == {"sam.reed": "PENDING"}


async def test_a_second_registration_moves_the_logins_and_removes_the_first_last(door: Door) -> None:
    """W-23, in that order."""
    await door.recreate()
    await door.link(door.people["Sam Reed"], door.sam)
    await door.work()
    door.house.forget_calls()
    made = await door.recreate()
    assert oks(made) == [("REGISTER", True), ("CREATE", True), ("MOVE_LOGINS", True), ("REMOVE", True)]
    assert (door.live_providers(), door.logins_of("client-2"), door.issuer.clients) == (
        ["client-2"],
        ["sam.reed"],
        {"client-2"},
    )
    assert [call[0] for call in door.house.calls(door.canvas)] == ["POST", "GET", "PUT", "GET", "DELETE"]
    assert await OidcRegistration.filter(replaced_at=None).count() == 1


async def test_a_login_that_does_not_move_keeps_the_first_registration(door: Door) -> None:
    await door.recreate()
    for name, account in (("Sam Reed", door.sam), ("Ida Hall", door.ida)):
        await door.link(door.people[name], account)
    await door.work()
    door.faults.append(Fault(method="PUT", path="/logins/", times=1))
    made = await door.recreate()
    assert oks(made) == [("REGISTER", True), ("CREATE", True), ("MOVE_LOGINS", False)]
    assert "1 of 2" in made["steps"][-1]["message"]
    assert door.live_providers() == ["client-1", "client-2"]
    assert sorted(door.logins_of("client-1") + door.logins_of("client-2")) == ["ida.hall", "sam.reed"]
    done = await door.recreate(finish=True)
    assert oks(done) == [("MOVE_LOGINS", True), ("REMOVE", True)]
    assert (door.live_providers(), door.logins_of("client-2")) == (["client-2"], ["ida.hall", "sam.reed"])
    assert (await door.recreate(finish=True))["steps"] == []


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault(method="POST", path="authentication_providers"), "UpstreamUnavailableError"),
        (Fault(method="POST", path="authentication_providers", status=422), "UpstreamRejectedError"),
    ],
)
async def test_when_canvas_refuses_the_new_one_the_former_still_works(door: Door, fault: Fault, wanted: str) -> None:
    await door.recreate()
    door.faults.append(fault)
    refused = await door.recreate()
    assert typenames(refused) == [wanted]
    assert "still works" in refused["errors"][0]["message"]
    assert (door.live_providers(), door.issuer.clients) == (["client-1"], {"client-1"})
    assert (await OidcRegistration.get(replaced_at=None)).client_id == "client-1"


async def test_a_provider_made_though_the_answer_was_lost_is_the_one_in_use(door: Door) -> None:
    """Else an orphan of a withdrawn client would stay on Canvas's sign-in page."""
    door.faults.append(Fault(kind="lost", method="POST", path="authentication_providers", times=1))
    made = await door.recreate()
    assert (made["errors"], oks(made)) == ([], [("REGISTER", True), ("CREATE", True)])
    assert (door.live_providers(), door.issuer.clients) == (["client-1"], {"client-1"})
    row = await OidcRegistration.get(replaced_at=None)
    assert row.canvas_provider_id == str(max(door.world.providers))


async def test_a_failure_of_our_own_takes_back_what_was_registered(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between Canvas and our database: nothing is left that nobody knows of, and the former one works."""
    await door.recreate()

    async def fail(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(sign_in, "_use", fail)
    with pytest.raises(ConnectionError):
        await sign_in.recreate_oidc_client(
            (await door.house.context(door.chief)).op,
            ProviderRef(door.canvas.id),
            sign_in.SignIn(issuer="https://id.test/"),
        )
    assert (door.live_providers(), door.issuer.clients) == (["client-1"], {"client-1"})
    assert (await OidcRegistration.get(replaced_at=None)).client_id == "client-1"


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        (Fault(method="GET", path="accounts/1/logins"), [("MOVE_LOGINS", False)]),
        (Fault(method="DELETE", path="authentication_providers"), [("MOVE_LOGINS", True), ("REMOVE", False)]),
    ],
)
async def test_what_fails_after_the_new_one_is_in_use_leaves_both_until_it_is_finished(
    door: Door, fault: Fault, steps: list[tuple[str, bool]]
) -> None:
    await door.recreate()
    await door.link(door.people["Sam Reed"], door.sam)
    await door.work()
    door.faults.append(fault)
    made = await door.recreate()
    assert oks(made) == [("REGISTER", True), ("CREATE", True), *steps]
    assert door.live_providers() == ["client-1", "client-2"]
    assert sorted(door.logins_of("client-1") + door.logins_of("client-2")) == ["sam.reed"]
    assert made["provider"]["oidcClient"]["clientId"] == "client-2"
    door.faults.clear()
    assert oks(await door.recreate(finish=True)) == [("MOVE_LOGINS", True), ("REMOVE", True)]
    assert (door.live_providers(), door.logins_of("client-2")) == (["client-2"], ["sam.reed"])


async def test_when_the_issuer_refuses_canvas_is_not_asked(door: Door) -> None:
    door.issuer.status = 400
    assert typenames(await door.recreate()) == ["UpstreamUnavailableError"]
    assert (door.house.calls(door.canvas), await OidcRegistration.all().count()) == ([], 0)


async def test_a_client_made_by_hand_needs_no_issuer(door: Door) -> None:
    made = await door.recreate(**BY_HAND)
    assert oks(made) == [("REGISTER", True), ("CREATE", True)]
    assert (door.live_providers(), door.issuer.asked) == (["by-hand"], [])
    half = await door.recreate(**{**BY_HAND, "clientSecret": None})
    assert [(e["__typename"], e["path"]) for e in half["errors"]] == [("InvalidInputError", ["clientSecret"])]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"issuer": "https://10.0.0.1/"}, "issuer"),
        ({"issuer": "https://[::1]/"}, "issuer"),
        ({"issuer": "https://2130706433/"}, "issuer"),
        ({"issuer": "https://user:pw@id.test/"}, "issuer"),
        ({"issuer": "https://id.test/", "registrationUrl": "https://169.254.169.254/latest"}, "registrationUrl"),
        ({"registrationUrl": "https://id.test/register"}, "authorizeUrl"),
        ({**BY_HAND, "tokenUrl": "https://user:pw@id.test/token"}, "authorizeUrl"),
        ({"authorizeUrl": "https://id.test/a", "tokenUrl": "https://id.test/t"}, "registrationUrl"),
    ],
)
async def test_addresses_inside_our_network_are_never_asked(door: Door, given: dict[str, str], path: str) -> None:
    refused = await door.recreate(**given)
    assert [(e["__typename"], e["path"]) for e in refused["errors"]] == [("InvalidInputError", [path])]
    assert (door.house.calls(door.canvas), door.issuer.made) == ([], 0)


async def test_only_department_admins_register(door: Door) -> None:
    assert typenames(await door.recreate(door.admin)) == ["NotAllowedError"]
    door.canvas.state = "DISABLED"  # type: ignore[assignment]
    await door.canvas.save()
    assert typenames(await door.recreate()) == ["NotFoundError"]
