"""Two API processes and two workers: what is shared is shared."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from db import connection
from domain.refs import CanvasClassRef, ProviderRef
from graph.ids import encode
from tests.processes.estate import ROOT, Estate, Running
from tests.processes.servers import wait_for
from tests.support import databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CLASSES = """query Classes($program: ID!) { classes(first: 100, filter: {programId: $program}) {
  nodes { name enrolledCount freshness { state } } sources { state } } }"""


@pytest.fixture(scope="module")
def two(estate: Estate) -> tuple[Running, Running]:
    patient = {
        "HOMEROOM_COLD_WAIT_SECONDS": "30",
        "HOMEROOM_QUERY_SECONDS": "60",
    }  # a busy machine is not a slow Canvas
    first, other, *_ = estate.all_up(
        [estate.listening(verb, **patient) for verb in ("serve", "serve", "worker", "worker")]
    )
    return first, other


def _program(estate: Estate, api: Running, name: str) -> str:
    found = estate.ask(api, "{ programs(first: 100) { nodes { id name } } }")["programs"]["nodes"]
    return str(next(row["id"] for row in found if row["name"] == name))


async def _flood(estate: Estate, two: tuple[Running, Running], asked: int, **variables: Any) -> list[dict[str, Any]]:
    """So many at once, every other one to the other process."""
    limits = httpx.Limits(max_connections=asked)
    async with httpx.AsyncClient(headers=estate.headers, timeout=60, limits=limits) as client:
        body = {"query": CLASSES, "variables": variables}
        answers = await asyncio.gather(
            *(client.post(f"{two[number % 2].url}/graphql", json=body) for number in range(asked))
        )
    return [answer.json() for answer in answers]


def test_a_hundred_cold_queries_over_both_make_each_upstream_call_once(
    estate: Estate, two: tuple[Running, Running]
) -> None:
    provider = estate.canvas("Cold College", latency_ms=500)  # so long that both want the same at once
    program = _program(estate, two[0], "Cold College")
    log = estate.sandboxes[provider.id].state.log
    answers = asyncio.run(_flood(estate, two, 100, program=program))

    assert [answer.get("errors") for answer in answers] == [None] * 100
    nodes = answers[0]["data"]["classes"]["nodes"]
    assert len(nodes) == 20
    assert {node["freshness"]["state"] for node in nodes} == {"FRESH"}
    assert sum(node["enrolledCount"] for node in nodes) > 0
    assert len({json.dumps(answer["data"], sort_keys=True) for answer in answers}) == 1
    asked = Counter(
        (entry.method, entry.path, entry.query, entry.body, json.dumps(entry.variables)) for entry in log.entries
    )
    assert len(asked) >= 2
    assert set(asked.values()) == {1}


def test_in_flight_per_access_key_stays_within_the_limit_over_all_processes(
    estate: Estate, two: tuple[Running, Running]
) -> None:
    """Without GraphQL each roster is a request: 40 of them, of which one process wants half and the other the rest."""
    provider = estate.canvas("Busy College", courses=40, latency_ms=300, has_graphql=False)
    courses = list(estate.sandboxes[provider.id].state.world.courses)
    ids = [encode(CanvasClassRef(provider.id, str(course))) for course in courses]
    for api in two:
        wait_for(lambda api=api: _known(estate, api, ids))  # type: ignore[misc]
    asyncio.run(_halves(estate, two, ids))
    log = estate.sandboxes[provider.id].state.log
    wait_for(lambda: log.count("enrollments") >= 40)
    assert 2 <= log.max_in_flight <= 6
    metrics = "".join(httpx.get(f"{api.url}/metrics").text for api in two)
    assert f'homeroom_upstream_calls_total{{kind="rest",method="GET",provider="{provider.id}"' in metrics


def _known(estate: Estate, api: Running, ids: list[str]) -> bool:
    found = estate.ask(api, "query K($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)["nodes"]
    return None not in found


async def _halves(estate: Estate, two: tuple[Running, Running], ids: list[str]) -> None:
    query = "query R($ids: [ID!]!) { nodes(ids: $ids) { ... on CanvasClass { roster { totalCount } } } }"
    async with httpx.AsyncClient(headers=estate.headers, timeout=60) as client:
        bodies = ({"query": query, "variables": {"ids": half}} for half in (ids[:20], ids[20:]))
        answers = await asyncio.gather(
            *(client.post(f"{api.url}/graphql", json=body) for api, body in zip(two, bodies, strict=True))
        )
    assert [answer.json().get("errors") for answer in answers] == [None, None]


def test_what_was_refreshed_through_one_is_fresh_on_the_other(estate: Estate, two: tuple[Running, Running]) -> None:
    first, other = two
    provider = estate.canvas("Shared College", courses=3)
    program = _program(estate, first, "Shared College")
    for api in two:
        estate.ask(api, CLASSES, program=program)
    sandbox = estate.sandboxes[provider.id].state
    sandbox.world.set_course(next(iter(sandbox.world.courses)), name="Renamed Algebra")
    refresh = "mutation R($id: ID!) { refreshProvider(input: {id: $id}) { errors { __typename } } }"
    estate.ask(first, refresh, id=encode(ProviderRef(provider.id)))
    told = wait_for(lambda: _settled(str(estate.ask(first, CLASSES, program=program))), 10)
    assert "Renamed Algebra" in told
    sandbox.log.reset()
    found = estate.ask(other, CLASSES, program=program)["classes"]
    assert "Renamed Algebra" in {node["name"] for node in found["nodes"]}
    assert {node["freshness"]["state"] for node in found["nodes"]} == {"FRESH"}
    assert sandbox.log.entries == []


def _settled(told: str) -> str | None:
    return told if "Renamed" in told and "STALE" not in told and "LOADING" not in told else None


def test_a_subscription_on_one_hears_a_run_that_was_started_on_the_other(
    estate: Estate, two: tuple[Running, Running]
) -> None:
    first, other = two
    provider = estate.canvas("Team College", courses=8, latency_ms=150)
    start = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id state } errors { __typename } } }"
    run = estate.ask(first, start, id=encode(ProviderRef(provider.id)))["syncTeams"]["run"]
    states: list[str] = []
    steps: list[str | None] = []
    watch = "subscription W($id: ID!) { syncRunUpdated(id: $id) { state step } }"
    body = {"query": watch, "variables": {"id": run["id"]}}
    headers = {**estate.headers, "accept": "text/event-stream"}
    with httpx.stream("POST", f"{other.url}/graphql", json=body, headers=headers, timeout=60) as events:
        for line in events.iter_lines():
            if line.startswith("data:") and len(line) > 6:
                told = json.loads(line[5:])["data"]["syncRunUpdated"]
                states.append(told["state"])
                steps.append(told["step"])
    assert states[-1] in {"SUCCEEDED", "SUCCEEDED_WITH_WARNINGS"}
    assert "RUNNING" in states
    assert len(states) >= 3
    assert len(set(steps)) >= 2


def test_migrations_may_be_started_twice_at_once(estate: Estate) -> None:
    assert databases.POSTGRES
    with databases.postgres_database(databases.POSTGRES, "twice") as url:
        command = [sys.executable, "-m", "cli", "migrate"]
        env = {**estate.env, "HOMEROOM_DATABASE_URL": url}
        both = [subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) for _ in range(2)]
        assert [(process.communicate(timeout=60), process.returncode)[1] for process in both] == [0, 0]
        assert asyncio.run(connection.pending(url)) == []


def test_two_processes_of_one_service_put_their_numbers_together(estate: Estate) -> None:
    """`serve --workers 2`: whichever is asked answers for both."""
    api = estate.api("--workers", "2")
    for _ in range(30):
        with httpx.Client(headers=estate.headers) as client:  # a connection each: both processes are met
            client.post(f"{api.url}/graphql", json={"query": "query Counted { facilities { name } }"})
    text = httpx.get(f"{api.url}/metrics").text
    counted = [line for line in text.splitlines() if line.startswith("homeroom_operations_total")]
    assert sum(float(line.rpartition(" ")[2]) for line in counted) == 30
    began = time.monotonic()
    assert api.stop() == 0
    assert time.monotonic() - began < 20


def test_two_processes_without_redis_are_refused(estate: Estate) -> None:
    env = {name: value for name, value in estate.env.items() if name != "HOMEROOM_REDIS_URL"}
    command = [sys.executable, "-m", "cli", "serve", "--workers", "2", "--port", "1"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "HOMEROOM_REDIS_URL" in done.stderr
