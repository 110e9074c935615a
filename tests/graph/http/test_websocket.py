"""graphql-transport-ws under a real server (C-13)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from domain.errors import UnauthenticatedError
from graph.http.server import DrainingServer
from tests.graph.server import serving
from tests.graph.toy import World, endpoint, site, token

PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def dialled(port: int, **options: Any) -> AsyncIterator[ClientConnection]:
    options.setdefault("subprotocols", [PROTOCOL])
    async with connect(f"ws://127.0.0.1:{port}/graphql", open_timeout=5, **options) as socket:
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(socket.recv(), 5)))


async def init(socket: ClientConnection, **payload: Any) -> None:
    await say(socket, type="connection_init", payload=payload)
    assert await hear(socket) == {"type": "connection_ack"}


async def closed(socket: ClientConnection) -> int:
    await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code is not None
    return socket.close_code


def subscribe(query: str, name: str = "1", **more: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": name, "payload": {"query": query, **more}}


@pytest.mark.parametrize(
    "payload",
    [
        {"authorization": "Bearer TOKEN"},
        {"Authorization": "Bearer TOKEN"},
        {"headers": {"Authorization": "Bearer TOKEN"}},
        {"token": "TOKEN"},
    ],
)
async def test_a_subscription_sends_its_events_and_completes(payload: dict[str, Any]) -> None:
    filled = json.loads(json.dumps(payload).replace("TOKEN", token()))
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket, **filled)
        await say(socket, **subscribe("subscription ($to: Int!) { count(to: $to) }", variables={"to": 2}))
        events = [await hear(socket) for _ in range(3)]
    assert [event["payload"]["data"] for event in events[:2]] == [{"count": 0}, {"count": 1}]
    assert events[0]["payload"]["extensions"]["cost"]["requested"] == 1
    assert events[2] == {"type": "complete", "id": "1"}


async def test_queries_and_mutations_run_on_it_too() -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket)
        await say(socket, **subscribe("{ viewer { role } secret }"))
        answer, done = await hear(socket), await hear(socket)
        await say(socket, **subscribe('mutation { rename(name: "x") { name } }'))
        renamed = await hear(socket)
    assert answer["payload"]["data"] == {"viewer": None, "secret": None}
    assert answer["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert done == {"type": "complete", "id": "1"}
    assert renamed["payload"]["data"] == {"rename": {"name": "x"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count }", "UNAUTHENTICATED"),
        ("{ things(first: 101) { nodes { id } } }", "BAD_INPUT"),
        ("subscription ($to: Int!) { count(to: $to) }", "BAD_INPUT"),
    ],
)
async def test_what_cannot_run_is_an_error_of_that_operation_only(query: str, code: str) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket)
        await say(socket, **subscribe(query))
        error = await hear(socket)
        await say(socket, type="ping", payload={"n": 1})
        assert await hear(socket) == {"type": "pong", "payload": {"n": 1}}
    assert (error["type"], error["id"]) == ("error", "1")
    assert error["payload"][0]["extensions"]["code"] == code


async def test_a_source_that_breaks_is_masked() -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket)
        await say(socket, **subscribe("subscription { breaks }"))
        first, second, third = [await hear(socket) for _ in range(3)]
    assert first["payload"]["data"] == {"breaks": 1}
    assert second["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "Jane" not in json.dumps(second)
    assert third["type"] == "complete"


async def test_each_event_has_a_context_of_its_own(world: World) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket, token=token())
        await say(socket, **subscribe("subscription { count(to: 3) }"))
        while (await hear(socket))["type"] != "complete":
            pass
    assert world.contexts == 4


async def test_an_account_that_is_gone_ends_its_subscriptions(world: World) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket, token=token())
        world.stranger = UnauthenticatedError("Nobody goes by that name.")
        await say(socket, **subscribe("subscription { count(to: 3) }"))
        error = await hear(socket)
    assert (error["type"], error["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


async def test_completing_an_operation_stops_its_work_and_frees_its_id(world: World) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket)
        await say(socket, **subscribe("subscription { forever { role } }"))
        assert (await hear(socket))["payload"]["data"] == {"forever": {"role": "first"}}
        await say(socket, type="complete", id="1")
        await say(socket, **subscribe("subscription { forever { role } }"))
        assert (await hear(socket))["type"] == "next"
        assert world.ended == 1


async def test_hanging_up_stops_the_work(world: World) -> None:
    app = endpoint()
    async with serving(site(app)) as port:
        async with dialled(port) as socket:
            await init(socket)
            await say(socket, **subscribe("subscription { forever { role } }"))
            await hear(socket)
            assert app.streams.count == 2
        async with asyncio.timeout(10):
            while app.streams.count:  # noqa: ASYNC110  a plain number, read by tests alone
                await asyncio.sleep(0.02)
    assert (world.ended, app.streams.count) == (1, 0)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([subscribe("{ __typename }")], 4401),
        ([{"type": "connection_init", "payload": {"token": "bad"}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init", "payload": "x"}], 4400),
        ([{"type": "nonsense"}], 4400),
        ([{"no": "type"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "1"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "payload": {"query": "{a}"}}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {"query": 7}}], 4400),
        ([{"type": "connection_init"}, *[subscribe("subscription { forever { role } }")] * 2], 4409),
    ],
)
async def test_breaking_the_protocol_closes_with_its_code(messages: list[dict[str, Any]], code: int) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        for message in messages:
            await say(socket, **message)
        assert await closed(socket) == code


@pytest.mark.parametrize(
    ("frame", "code"), [("{", 4400), ("[]", 4400), (b"\x00\x01", 4400), ('"' + "x" * 300_000, 1009)]
)
async def test_frames_that_are_no_messages_close_the_connection(frame: str | bytes, code: int) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await socket.send(frame)
        assert await closed(socket) == code


async def test_silence_at_first_is_not_waited_for() -> None:
    async with serving(site(endpoint(connection_init_seconds=0.1))) as port, dialled(port) as socket:
        assert await closed(socket) == 4408


async def test_an_expiring_token_ends_the_connection(world: World) -> None:
    async with serving(site(endpoint())) as port, dialled(port) as socket:
        await init(socket, token=token(hours=2 / 3600))
        await say(socket, **subscribe("subscription { forever { role } }"))
        assert (await hear(socket))["type"] == "next"
        assert await closed(socket) == 4401
    assert world.ended == 1


async def test_other_protocols_are_not_spoken() -> None:
    async with serving(site(endpoint())) as port, dialled(port, subprotocols=[Subprotocol("graphql-ws")]) as socket:
        assert await closed(socket) == 4406


async def test_pages_of_other_origins_may_not_connect() -> None:
    app = site(endpoint(cors_origins="https://front.example"))
    async with serving(app) as port:
        for origin in ("https://front.example", f"http://127.0.0.1:{port}"):
            async with dialled(port, origin=origin) as socket:
                await init(socket)
        with pytest.raises(InvalidStatus) as refused:
            async with dialled(port, origin="https://evil.example"):
                pass
    assert refused.value.response.status_code == 403


async def test_one_viewer_has_so_many_subscriptions_and_no_more() -> None:
    async with serving(site(endpoint(max_subscriptions=2))) as port, dialled(port) as one, dialled(port) as two:
        for socket in (one, two):
            await init(socket, token=token())
            await say(socket, **subscribe("subscription { forever { role } }"))
            assert (await hear(socket))["type"] == "next"
        await say(two, **subscribe("subscription { forever { role } }", name="2"))
        error = await hear(two)
    assert (error["id"], error["payload"][0]["extensions"]["code"]) == ("2", "TOO_MANY_SUBSCRIPTIONS")


async def test_a_server_that_stops_tells_its_subscribers_first(world: World) -> None:
    app = endpoint()
    async with serving(site(app), DrainingServer, drain=app.drain) as port:
        stack = connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[PROTOCOL])
        socket = await stack
        await init(socket)
        await say(socket, **subscribe("subscription { forever { role } }"))
        await hear(socket)
    assert await closed(socket) == 1012
    assert world.ended == 1
    await socket.close()
