"""Headers of every answer, origins that may call, and the pages beside the endpoint (C-12, C-26)."""

from __future__ import annotations

import asyncio

import pytest

from graph.http.pages import Check
from tests.graph.toy import client, endpoint, site, token

ORIGIN = "https://front.example"


async def test_every_answer_carries_the_security_headers() -> None:
    async with client(site(endpoint())) as http:
        replies = [
            await http.get(path) for path in ("/", "/graphql", "/schema.graphql", "/healthz", "/readyz", "/nowhere")
        ]
    assert [reply.status_code for reply in replies] == [200, 400, 200, 200, 200, 404]
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        assert len(reply.headers["x-request-id"]) == 32
        assert "strict-transport-security" not in reply.headers


async def test_only_listed_origins_may_call() -> None:
    app = site(endpoint(), cors_origins=f"{ORIGIN}, https://other.example")
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    async with client(app) as http:
        allowed = await http.options("/graphql", headers={"origin": ORIGIN} | asked)
        refused = await http.options("/graphql", headers={"origin": "https://evil.example"} | asked)
        call = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": ORIGIN})
        stranger = await http.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"origin": "https://evil.example"}
        )
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert call.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in call.headers
    assert "x-request-id" in call.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in stranger.headers


async def test_the_home_page_links_what_runs_here() -> None:
    async with client(site(endpoint())) as http:
        reply = await http.get("/")
        for link in ("/schema.graphql", "/healthz", "/readyz"):
            assert f'href="{link}"' in reply.text
            assert (await http.get(link)).status_code == 200
    assert "homeroom 1.2.3" in reply.text
    assert 'href="/graphql"' in reply.text


async def test_the_schema_is_served_as_text_unless_it_is_closed() -> None:
    async with client(site(endpoint())) as http:
        assert "type Query {" in (await http.get("/schema.graphql")).text
    async with client(site(endpoint(), public_introspection=False)) as http:
        assert (await http.get("/schema.graphql")).status_code == 401
        own = await http.get("/schema.graphql", headers={"authorization": f"Bearer {token()}"})
        forged = await http.get("/schema.graphql", headers={"authorization": "Bearer x"})
    assert "type Query {" in own.text
    assert forged.status_code == 401


async def well() -> str | None:
    return None


async def away() -> str | None:
    raise ConnectionError("redis://user:secret@host")


async def hangs() -> str | None:
    await asyncio.sleep(60)
    return None


@pytest.mark.parametrize(
    ("checks", "status", "state"),
    [
        ({"database": Check(well)}, 200, "ready"),
        ({"database": Check(well), "redis": Check(away, required=False)}, 200, "degraded"),
        ({"database": Check(away), "redis": Check(well)}, 503, "not ready"),
        ({"database": Check(hangs)}, 503, "not ready"),
    ],
)
async def test_readiness_names_each_dependency(
    checks: dict[str, Check], status: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.http.pages.CHECK_SECONDS", 0.05)
    async with client(site(endpoint(), checks)) as http:
        reply = await http.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (status, state)
    assert set(reply.json()["checks"]) == set(checks)
    assert "secret" not in reply.text
