"""Server-sent events, distinct connections mode, under a real server (C-13)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from graph.http.server import DrainingServer
from tests.graph.server import serving
from tests.graph.toy import World, endpoint, site, token

EVENTS = {"accept": "text/event-stream"}


async def events(reply: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in reply.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            text = line.removeprefix("data:").strip()
            yield name, json.loads(text) if text else None


async def asked(port: int, query: str, **headers: str) -> tuple[httpx.Response, list[tuple[str, Any]]]:
    url = f"http://127.0.0.1:{port}/graphql"
    async with (
        httpx.AsyncClient(timeout=5) as http,
        http.stream("POST", url, json={"query": query}, headers=EVENTS | headers) as reply,
    ):
        if not reply.headers["content-type"].startswith("text/event-stream"):
            await reply.aread()
            return reply, []
        return reply, [event async for event in events(reply)]


async def test_a_subscription_is_a_stream_of_events() -> None:
    async with serving(site(endpoint())) as port:
        reply, told = await asked(port, "subscription { count(to: 2) }", authorization=f"Bearer {token()}")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert [name for name, _ in told] == ["next", "next", "complete"]
    assert [body["data"] for _, body in told[:2]] == [{"count": 0}, {"count": 1}]


async def test_a_query_is_one_event() -> None:
    async with serving(site(endpoint())) as port:
        _, told = await asked(port, "{ all { id } badId }")
    assert [name for name, _ in told] == ["next", "complete"]
    assert len(told[0][1]["data"]["all"]) == 3
    assert told[0][1]["errors"][0]["extensions"]["code"] == "BAD_ID"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count }", "UNAUTHENTICATED"),
    ],
)
async def test_what_cannot_run_is_told_by_an_event_too(query: str, code: str) -> None:
    async with serving(site(endpoint())) as port:
        _, told = await asked(port, query)
    assert [name for name, _ in told] == ["next", "complete"]
    assert told[0][1]["errors"][0]["extensions"]["code"] == code
    assert "data" not in told[0][1]


async def test_a_bad_token_is_no_stream() -> None:
    async with serving(site(endpoint())) as port:
        reply, told = await asked(port, "subscription { count }", authorization="Bearer x")
    assert (reply.status_code, told) == (401, [])
    assert reply.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_subscription_without_a_stream_is_not_acceptable() -> None:
    async with serving(site(endpoint())) as port, httpx.AsyncClient() as http:
        reply = await http.post(f"http://127.0.0.1:{port}/graphql", json={"query": "subscription { count }"})
    assert (reply.status_code, reply.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


async def test_a_client_that_takes_both_gets_one_answer_for_a_query() -> None:
    async with serving(site(endpoint())) as port:
        reply, _ = await asked(port, "{ __typename }", accept="text/event-stream, application/json")
    assert reply.json()["data"] == {"__typename": "Query"}


async def test_hanging_up_stops_the_work(world: World) -> None:
    app = endpoint()
    async with serving(site(app)) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        async with http.stream(
            "POST", "/graphql", json={"query": "subscription { forever { role } }"}, headers=EVENTS
        ) as reply:
            assert await anext(events(reply)) == ("next", await _first())
        async with asyncio.timeout(10):
            while app.streams.count:  # noqa: ASYNC110  a plain number, read by tests alone
                await asyncio.sleep(0.02)
    assert (world.ended, app.streams.count) == (1, 0)


async def _first() -> Any:
    from unittest.mock import ANY

    return {"data": {"forever": {"role": "first"}}, "extensions": ANY}


async def test_an_idle_stream_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.http.sse.KEEP_ALIVE_SECONDS", 0.05)
    async with serving(site(endpoint())) as port, httpx.AsyncClient() as http:
        query = {"query": "subscription { forever { role } }"}
        async with http.stream("POST", f"http://127.0.0.1:{port}/graphql", json=query, headers=EVENTS) as reply:
            beats = 0
            async for line in reply.aiter_lines():
                beats += line == ":"
                if beats == 4:
                    break
    assert beats == 4


async def test_an_expiring_token_ends_the_stream(world: World) -> None:
    async with serving(site(endpoint())) as port:
        _, told = await asked(
            port, "subscription { forever { role } }", authorization=f"Bearer {token(hours=2 / 3600)}"
        )
    assert [name for name, _ in told] == ["next", "next", "complete"]
    assert told[1][1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert world.ended == 1


async def test_a_server_that_stops_completes_its_streams(world: World) -> None:
    app = endpoint()
    async with serving(site(app), DrainingServer, drain=app.drain) as port:
        reading = asyncio.create_task(asked(port, "subscription { forever { role } }"))
        while not app.streams.count:  # noqa: ASYNC110  a plain number, read by tests alone
            await asyncio.sleep(0.01)
    _, told = await reading
    assert [name for name, _ in told] == ["next", "complete"]
    assert world.ended == 1
