"""What every call goes through: token, user agent, throttle, faults, ids as text, header case, log."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sandbox.app import Sandbox, create_app
from sandbox.behaviour import Behaviour, Fault
from sandbox.server import serving
from sandbox.world import World

ROOT = "/api/v1/accounts/self"


async def _as(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get(ROOT, headers={"Authorization": f"Bearer {token}"})


async def test_each_kind_of_bad_credential_has_its_own_body(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.revoked_tokens = ["old"]
    app.state.behaviour.expired_tokens = ["late"]

    none = await client.get(ROOT, headers={"Authorization": ""})
    answers = [await _as(client, token) for token in ("nobody", "old", "late")]

    assert none.json() == {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
    assert [answer.json()["errors"][0]["message"] for answer in answers] == [
        "Invalid access token.",
        "Revoked access token.",
        "Expired access token.",
    ]
    assert {answer.status_code for answer in (none, *answers)} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in (none, *answers)} == {'Bearer realm="canvas-lms"'}


@pytest.mark.parametrize("status", [403, 401])
async def test_a_missing_right_never_carries_a_challenge(client: httpx.AsyncClient, app: Sandbox, status: int) -> None:
    app.state.behaviour.forbidden_status = status
    app.state.behaviour.deny(4821)

    answer = await client.get("/api/v1/courses/4821")

    assert answer.status_code == status
    assert answer.json()["status"] == "unauthorized"
    assert "WWW-Authenticate" not in answer.headers


async def test_a_request_without_user_agent_is_refused(client: httpx.AsyncClient, app: Sandbox) -> None:
    refused = await client.get(ROOT, headers={"User-Agent": ""})
    app.state.behaviour.require_user_agent = False
    taken = await client.get(ROOT, headers={"User-Agent": ""})

    assert (refused.status_code, taken.status_code) == (403, 200)
    assert "user agent" in refused.json()["message"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, "429 Too Many Requests (Rate Limit Exceeded)\n"), (403, "403 Forbidden (Rate Limit Exceeded)\n")],
)
async def test_the_thirteenth_request_at_once_is_refused(world: World, status: int, body: str) -> None:
    app = create_app(world, Behaviour(throttle_status=status, latency_ms=30), clock=lambda: 0.0)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://canvas.test") as client:
        answers = await asyncio.gather(*(_as(client, "sandbox-token") for _ in range(13)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert [(answer.status_code, answer.text) for answer in refused] == [(status, body)]
    assert refused[0].headers["Content-Type"] == "text/plain; charset=utf-8"
    assert refused[0].headers["X-Rate-Limit-Remaining"] == "0.0"
    assert "X-Request-Cost" not in refused[0].headers
    assert app.state.log.max_in_flight == 13


async def test_the_bucket_leaks_ten_units_a_second_and_is_one_a_token(world: World) -> None:
    now = [0.0]
    app = create_app(world, clock=lambda: now[0])
    app.state.behaviour.tokens["second"] = 7
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://canvas.test") as client:
        app.state.buckets.fill("sandbox-token", 0)
        full = await _as(client, "sandbox-token")
        other = await _as(client, "second")
        now[0] = 5.0
        later = await _as(client, "sandbox-token")

    assert [full.status_code, other.status_code, later.status_code] == [429, 200, 200]
    assert float(other.headers["X-Rate-Limit-Remaining"]) == pytest.approx(599.9)
    assert float(later.headers["X-Rate-Limit-Remaining"]) == pytest.approx(50 - 0.1)


async def test_throttling_can_be_switched_off(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.throttling = False
    app.state.buckets.fill("sandbox-token", -100)

    assert (await client.get(ROOT)).status_code == 200


async def test_ids_are_numbers_unless_asked_for_as_text(client: httpx.AsyncClient, world: World) -> None:
    big = 74_140_000_000_062_630
    world.add_course("Far away", id=big)
    text = {"Accept": "application/json+canvas-string-ids"}

    plain = (await client.get(f"/api/v1/courses/{big}")).json()
    stringed = (await client.get(f"/api/v1/courses/{big}", headers=text)).json()
    sharded = (await client.get("/api/v1/courses/7414~62630", headers=text)).json()

    assert (plain["id"], plain["root_account_id"]) == (big, 1)
    assert (stringed["id"], stringed["root_account_id"], stringed["uuid"]) == (str(big), "1", plain["uuid"])
    assert sharded == stringed


@pytest.mark.parametrize(("case", "name"), [("title", b"X-Request-Cost"), ("lower", b"x-request-cost")])
async def test_header_names_have_either_case(client: httpx.AsyncClient, app: Sandbox, case: str, name: bytes) -> None:
    app.state.behaviour.header_case = case

    answer = await client.get(ROOT)

    assert name in [raw for raw, _ in answer.headers.raw]


async def test_a_scripted_status_hits_as_often_as_told(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.faults = [Fault(path="/accounts/", status=503, skip=1, times=2)]

    statuses = [(await client.get(ROOT)).status_code for _ in range(4)]

    assert statuses == [200, 503, 503, 200]


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (Fault(kind="html", status=502), 502, "<h1>Something is in the way</h1>"),
        (Fault(kind="throttle"), 429, "Rate Limit Exceeded"),
        (Fault(kind="body", status=200, body="[]"), 200, "[]"),
        (Fault(kind="status", status=500), 500, "internal_server_error"),
    ],
)
async def test_faults_answer_in_canvas_place(
    client: httpx.AsyncClient, app: Sandbox, fault: Fault, status: int, text: str
) -> None:
    app.state.behaviour.faults = [fault]

    answer = await client.get(ROOT)

    assert answer.status_code == status
    assert text in answer.text


async def test_a_next_link_can_lead_elsewhere(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.faults = [Fault(kind="foreign_next", host="evil.example")]

    answer = await client.get("/api/v1/courses/4821/users?per_page=2")

    assert answer.links["next"]["url"].startswith("https://evil.example/api/v1/courses/4821/users?")
    assert answer.links["first"]["url"].startswith("https://canvas.test/")


@pytest.mark.parametrize("kind", ["dead", "half", "lost"])
def test_a_real_connection_ends_early(app: Sandbox, kind: str) -> None:
    app.state.behaviour.faults = [Fault(kind=kind, times=1)]
    headers = {"Authorization": "Bearer sandbox-token"}

    with serving(app) as url, httpx.Client(base_url=url, headers=headers) as client:
        with pytest.raises(httpx.TransportError):
            client.get(ROOT)
        assert client.get(ROOT).status_code == 200


def test_a_hanging_answer_ends_when_the_client_leaves(app: Sandbox) -> None:
    app.state.behaviour.faults = [Fault(kind="hang", times=1)]
    headers = {"Authorization": "Bearer sandbox-token"}

    with serving(app) as url, httpx.Client(base_url=url, headers=headers) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(ROOT, timeout=0.2)
        assert client.get(ROOT).status_code == 200


async def test_the_log_holds_every_request_as_it_was_sent(client: httpx.AsyncClient, app: Sandbox) -> None:
    await client.get("/api/v1/courses/4821/users?include[]=email&page=1")
    query = "query Names($id: ID!) { course(id: $id) { name } }"
    body = {"query": query, "operationName": "Names", "variables": {"id": "4821"}}
    await client.post("/api/graphql", json=body)

    assert app.state.log.calls() == [
        ("GET", "/api/v1/courses/4821/users", "include[]=email&page=1"),
        ("POST", "/api/graphql", ""),
    ]
    assert app.state.log.entries[1].operation == "Names"
    assert app.state.log.entries[1].variables == {"id": "4821"}
    assert app.state.log.count("graphql", "POST") == 1
    assert app.state.log.max_in_flight == 1


async def test_two_canvases_in_one_process_share_nothing() -> None:
    apps = [create_app(World(name=name)) for name in ("North", "South")]
    names = []
    for app in apps:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://canvas.test") as client:
            names.append((await _as(client, "sandbox-token")).json()["name"])

    assert names == ["North", "South"]
    assert [len(app.state.log.entries) for app in apps] == [1, 1]
