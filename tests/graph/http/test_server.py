"""What only a real server shows: clients that hang up in the middle."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.graph.server import serving
from tests.graph.toy import World, endpoint, site


async def hang_up(port: int, query: str) -> None:
    async with httpx.AsyncClient(timeout=0.4) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(f"http://127.0.0.1:{port}/graphql", json={"query": query})


async def test_a_query_nobody_waits_for_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.http.patience.LOOK_AFTER_SECONDS", 0.1)
    async with serving(site(endpoint())) as port:
        await hang_up(port, "{ slow(seconds: 30) }")
        async with asyncio.timeout(10):
            while not world.cancelled:  # noqa: ASYNC110  a plain number
                await asyncio.sleep(0.02)
        assert world.cancelled == 1
        async with httpx.AsyncClient() as http:
            reply = await http.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ slow(seconds: 0.3) }"})
        assert reply.json()["data"] == {"slow": "done"}


async def test_a_mutation_is_finished_though_nobody_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.http.patience.LOOK_AFTER_SECONDS", 0.1)
    async with serving(site(endpoint())) as port:
        await hang_up(port, "mutation { wait(seconds: 0.8) }")
        await asyncio.sleep(0.6)
    assert world.cancelled == 0
