"""Processes that are told to stop, that are killed, and a Redis that goes away and comes back."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from db.models import SyncRun
from domain.enums import SyncState
from domain.refs import ProviderRef
from graph.ids import encode
from tests.processes.estate import Estate, Running
from tests.processes.servers import wait_for
from tests.support import databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

STOPPED = -signal.SIGTERM
"""uvicorn ends in order, and then as the signal would have ended it."""

CLASSES = "{ classes(first: 100) { nodes { name enrolledCount } sources { state } } }"
TRY = "mutation T($id: ID!) { testProvider(input: {id: $id}) { ok errors { __typename } } }"
PULL = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id } errors { __typename } } }"

REFRESH = "mutation R($id: ID!) { refreshProvider(input: {id: $id}) { errors { __typename } } }"


def test_a_stopped_api_finishes_what_is_in_flight_and_tells_its_subscribers(estate: Estate) -> None:
    api = estate.api()
    provider = estate.canvas("Slow College", courses=2, latency_ms=900)
    id = encode(ProviderRef(provider.id))
    answers: list[httpx.Response] = []
    body = {"query": TRY, "variables": {"id": id}}
    asking = threading.Thread(
        target=lambda: answers.append(httpx.post(f"{api.url}/graphql", json=body, headers=estate.headers, timeout=40))
    )
    closed, streamed = asyncio.run(_while_subscribed(estate, api, str(id), asking))
    asking.join(40)

    assert (closed, streamed) == (1012, "event: complete")
    assert answers[0].status_code == 200
    assert answers[0].json()["data"]["testProvider"]["ok"] is True
    assert api.popen.wait(30) == STOPPED
    estate.sandboxes[provider.id].state.behaviour.change({"latency_ms": 0.0})


async def _while_subscribed(estate: Estate, api: Running, id: str, asking: threading.Thread) -> tuple[int, str]:
    """Stop the process while a mutation, a WebSocket and an event stream are under way; how the last two ended."""
    watch = {"query": "subscription W($id: ID!) { sourceUpdated(providerId: $id) { state } }", "variables": {"id": id}}
    url = f"{api.url.replace('http', 'ws')}/graphql"
    headers = {**estate.headers, "accept": "text/event-stream"}
    async with (
        connect(url, subprotocols=["graphql-transport-ws"]) as socket,  # type: ignore[list-item]
        httpx.AsyncClient(timeout=40) as client,
        client.stream("POST", f"{api.url}/graphql", json=watch, headers=headers) as events,
    ):
        await socket.send(json.dumps({"type": "connection_init", "payload": estate.headers}))
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": watch}))
        while json.loads(await socket.recv())["type"] != "next":
            pass
        asking.start()
        await asyncio.sleep(0.5)
        api.popen.send_signal(signal.SIGTERM)
        lines = [line async for line in events.aiter_lines() if line.startswith("event:")]
        try:
            while True:
                await asyncio.wait_for(socket.recv(), 20)
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 0, lines[-1]


def _run_of(estate: Estate, id: int) -> SyncRun:
    return estate.in_database(lambda: SyncRun.get(id=id))


def _start_pull(estate: Estate, api: Running, provider: int) -> int:
    """A run that takes long; its number, once somebody carries it out."""
    estate.ask(api, PULL, id=encode(ProviderRef(provider)))
    run = estate.in_database(lambda: SyncRun.filter(provider_id=provider).order_by("-id").first())
    assert run is not None
    wait_for(lambda: _run_of(estate, run.id).state is SyncState.RUNNING)
    return run.id


def test_a_stopped_worker_gives_its_job_back_and_another_one_finishes_it(estate: Estate) -> None:
    api, first = estate.all_up([estate.listening("serve"), estate.listening("worker")])
    provider = estate.canvas("Long College", courses=12, latency_ms=9_000)
    run = _start_pull(estate, api, provider.id)
    assert first.stop() == 0
    given_back = _run_of(estate, run)
    assert (given_back.state, given_back.lease_token, given_back.attempts) == (SyncState.QUEUED, None, 0)
    estate.sandboxes[provider.id].state.behaviour.change({"latency_ms": 0.0})
    other = estate.worker()
    ended = wait_for(lambda: run_ if (run_ := _run_of(estate, run)).finished_at else None, 60)
    assert ended.state in {SyncState.SUCCEEDED, SyncState.SUCCEEDED_WITH_WARNINGS}
    assert other.stop() == 0
    assert api.stop() == STOPPED


def test_a_killed_workers_job_is_finished_by_another_one(estate: Estate) -> None:
    """kill -9: the lease lapses after 30 s, and nothing is done twice over."""
    api, first = estate.all_up([estate.listening("serve"), estate.listening("worker")])
    provider = estate.canvas("Killed College", courses=12, latency_ms=2_500)
    run = _start_pull(estate, api, provider.id)
    assert first.stop(signal.SIGKILL) == -9
    estate.sandboxes[provider.id].state.behaviour.change({"latency_ms": 0.0})
    estate.worker()
    ended = wait_for(lambda: run_ if (run_ := _run_of(estate, run)).finished_at else None, 90)
    assert ended.state in {SyncState.SUCCEEDED, SyncState.SUCCEEDED_WITH_WARNINGS}
    assert ended.attempts == 2
    assert api.stop() == STOPPED


def test_without_redis_everything_answers_and_with_it_again_everything_is_shared_again(estate: Estate) -> None:
    first, other = estate.all_up([estate.listening("serve"), estate.listening("serve")])
    provider = estate.canvas("Lasting College", courses=4)
    before = [wait_for(lambda api=api: _fresh(estate, api), 20) for api in (first, other)]  # type: ignore[misc]
    estate.redis.kill()
    try:
        for api, known in zip((first, other), before, strict=True):
            began = time.monotonic()
            assert estate.ask(api, CLASSES)["classes"]["nodes"] == known
            assert time.monotonic() - began < 8
            ready = estate.ready(api)
            assert ready is not None
            assert (ready["status"], ready["checks"]["redis"]["ok"]) == ("degraded", False)
            assert httpx.get(f"{api.url}/readyz", timeout=10).status_code == 200
    finally:
        estate.redis.start()
    for api in (first, other):
        wait_for(lambda api=api: (estate.ready(api) or {}).get("checks", {}).get("redis", {}).get("ok"), 30)  # type: ignore[misc]
    time.sleep(2)  # the buses look for it once a second
    world = estate.sandboxes[provider.id].state.world
    world.set_course(next(iter(world.courses)), name="Recovered Algebra")
    estate.ask(first, REFRESH, id=encode(ProviderRef(provider.id)))
    wait_for(lambda: "Recovered Algebra" in str(estate.ask(other, CLASSES)), 15)
    assert (first.stop(), other.stop()) == (STOPPED, STOPPED)


def test_a_redis_that_hangs_holds_nobody_up_for_long(estate: Estate) -> None:
    """Each command waits a second or two for it; commands in a row must not add up."""
    api = estate.api()
    provider = estate.canvas("Hanging College", courses=4)
    known = wait_for(lambda: _fresh(estate, api), 20)
    time.sleep(6)  # quiet for longer than a reply may take
    assert "redis.away" not in api.errors.read_text(encoding="utf-8")
    with estate.redis.hung():
        for query in (CLASSES, REFRESH, PULL, CLASSES):
            began = time.monotonic()
            given = {"id": encode(ProviderRef(provider.id))} if "$id" in query else {}
            assert all(not payload.get("errors") for payload in estate.ask(api, query, **given).values())
            assert time.monotonic() - began < 12
        assert (estate.ready(api) or {})["status"] == "degraded"
    wait_for(lambda: (estate.ready(api) or {}).get("checks", {}).get("redis", {}).get("ok"), 30)
    assert wait_for(lambda: _fresh(estate, api), 20) == known
    assert api.stop() == STOPPED


def test_after_a_restart_of_redis_workers_take_jobs_up_at_once(estate: Estate) -> None:
    """The sweep alone would take twenty seconds, and a worker that listens in vain must not ask without a pause."""
    api, worker = estate.all_up([estate.listening("serve"), estate.listening("worker")])
    provider = estate.canvas("Patient College", courses=4)
    estate.redis.kill()
    time.sleep(3)
    estate.redis.start()
    wait_for(lambda: (estate.ready(api) or {}).get("checks", {}).get("redis", {}).get("ok"), 30)
    time.sleep(6)  # a worker tries every two seconds, in its turn
    for _ in range(2):
        run = _start_pull(estate, api, provider.id)
        ended = wait_for(lambda run=run: run_ if (run_ := _run_of(estate, run)).finished_at else None, 60)  # type: ignore[misc]
        assert (ended.started_at - ended.created_at).total_seconds() < 10
    assert len(worker.errors.read_text(encoding="utf-8").splitlines()) < 60
    assert api.stop() == STOPPED


def _fresh(estate: Estate, api: Running) -> list[object] | None:
    found = estate.ask(api, CLASSES)["classes"]
    return found["nodes"] if {row["state"] for row in found["sources"]} == {"FRESH"} else None


def test_connections_that_postgresql_ends_are_made_anew(estate: Estate) -> None:
    """As a restart of it does: what meets a dead connection may fail once, what comes after it is answered."""
    api = estate.api()
    facilities = "{ facilities { name } }"
    before = estate.ask(api, facilities)
    name = estate.database_url.rpartition("/")[2]
    kill = (
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"  # noqa: S608  our own name
    )
    asyncio.run(databases.execute(estate.database_url, kill))
    body = {"query": facilities}
    statuses = [
        httpx.post(f"{api.url}/graphql", json=body, headers=estate.headers, timeout=20).status_code for _ in range(30)
    ]
    assert statuses[-5:] == [200] * 5
    assert estate.ask(api, facilities) == before
    assert (estate.ready(api) or {})["checks"]["database"]["ok"] is True
    assert api.stop() == STOPPED
