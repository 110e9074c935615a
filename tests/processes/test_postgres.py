"""A PostgreSQL that is killed in the middle of everything or hangs, and comes back."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from db import connection
from db.models import AccessEntry, Fact, SyncRun
from domain.enums import SyncState
from domain.refs import ProviderRef
from graph.ids import encode
from tests.processes.estate import Estate, Running
from tests.processes.estate import estate as open_estate
from tests.processes.servers import Postgres, own_postgres, postgres, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROSTERS = "query Rosters { classes(first: 100) { nodes { name roster { totalCount nodes { user { fullName } } } } sources { state } } }"
PULL = "mutation S($id: ID!) { syncTeams(input: {providerId: $id}) { run { id } errors { __typename } } }"


@pytest.fixture
def server() -> Iterator[Postgres]:
    if not postgres("initdb") or shutil.which("redis-server") is None:
        pytest.skip("needs the programs of PostgreSQL and Redis")
    with own_postgres() as running:
        asyncio.run(connection.migrate(running.url))
        yield running


@pytest.fixture
def mortal(server: Postgres, tmp_path: Path) -> Iterator[Estate]:
    with open_estate(tmp_path, server.url) as opened:
        yield opened


def _post(estate: Estate, api: Running, query: str) -> httpx.Response:
    return httpx.post(f"{api.url}/graphql", json={"query": query}, headers=estate.headers, timeout=40)


def test_a_killed_postgresql_is_told_plainly_and_everything_goes_on_when_it_is_back(
    server: Postgres, mortal: Estate
) -> None:
    """Answers, the access ledger, the table of facts, the schedule and a run in flight: none needs a restart of ours."""
    api, _ = mortal.all_up([mortal.listening("serve", HOMEROOM_FRESH_SECONDS="1"), mortal.listening("worker")])
    provider = mortal.canvas("Mortal College", courses=6, latency_ms=800)
    mortal.ask(api, PULL, id=encode(ProviderRef(provider.id)))
    wait_for(lambda: _run(mortal).state is SyncState.RUNNING)

    server.kill()
    refused = wait_for(lambda: found if (found := _post(mortal, api, ROSTERS)).status_code == 503 else None)
    assert refused.headers["retry-after"] == "5"
    assert refused.json()["errors"] == [
        {
            "message": "homeroom cannot reach its database just now. Try again in a moment.",
            "extensions": {"code": "DATABASE_UNAVAILABLE"},
        }
    ]
    assert httpx.get(f"{api.url}/readyz", timeout=10).status_code == 503
    assert httpx.get(f"{api.url}/healthz", timeout=10).status_code == 200

    server.start()
    mortal.sandboxes[provider.id].state.behaviour.change({"latency_ms": 0.0})
    wait_for(lambda: _post(mortal, api, ROSTERS).status_code == 200, 30)
    ended = wait_for(lambda: run if (run := _run(mortal)).finished_at else None, 90)
    assert ended.state in {SyncState.SUCCEEDED, SyncState.SUCCEEDED_WITH_WARNINGS}
    wait_for(lambda: "FRESH" in _post(mortal, api, ROSTERS).text, 20)
    shown, facts = wait_for(lambda: found if all(found := mortal.in_database(_kept)) else None, 20)
    assert shown > 0
    assert facts >= 2
    text = "".join(run.errors.read_text(encoding="utf-8") for run in mortal.started)
    assert "unexpected error" not in text


def _run(estate: Estate) -> SyncRun:
    return estate.in_database(lambda: SyncRun.all().order_by("-id").get())


async def _kept() -> tuple[int, int]:
    return len(set(await AccessEntry.all().values_list("student_id", flat=True))), await Fact.all().count()


def test_a_postgresql_that_hangs_holds_no_question_for_ever(server: Postgres, mortal: Estate) -> None:
    """A question's deadline is ten seconds, giving its statement up may take as long."""
    api = mortal.api()
    before = wait_for(lambda: found if (found := _post(mortal, api, ROSTERS)).status_code == 200 else None)
    with server.hung():
        for _ in range(2):
            began = time.monotonic()
            assert [error["extensions"]["code"] for error in _post(mortal, api, ROSTERS).json()["errors"]] == [
                "DEADLINE_EXCEEDED"
            ]
            assert time.monotonic() - began < 35
        assert httpx.get(f"{api.url}/readyz", timeout=10).status_code == 503
        assert httpx.get(f"{api.url}/healthz", timeout=10).status_code == 200
    after = wait_for(lambda: found if (found := _post(mortal, api, ROSTERS)).status_code == 200 else None, 30)
    assert after.json()["data"] == before.json()["data"]
    assert "unexpected error" not in api.errors.read_text(encoding="utf-8")
