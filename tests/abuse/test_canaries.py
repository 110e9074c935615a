"""Names and secrets of everybody, sown everywhere and then grepped for in every place that is written to (§4.3, §4.4)."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis.asyncio import Redis

from db import models
from graph.auth import issue_token
from graph.logging import configure_logging
from sandbox.behaviour import DEFAULT_TOKEN, Fault
from tests.acceptance.estate import Estate, build
from tests.acceptance.mutations import MUTATIONS
from tests.support.served import SECRET, Served, served

KEY = "canary~access-key-0123456789"
ASKED = "canary~search~words"
SECRETS = (KEY, DEFAULT_TOKEN, SECRET)
NAMES = ("north-secret", "south-secret", "north.student", "south.officer", "North Account", "South Free", ASKED)
WIDE = """query Wide($s: String) { users(first: 50, filter: {search: $s}) { nodes { fullName docId email } }
  classes(first: 50) { nodes { name enrolledCount roster { nodes { user { fullName } } } } }
  teams(first: 50) { nodes { name members { fullName } } } auditLog(first: 50) { nodes { action } } }"""


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    kept = InMemorySpanExporter()
    monkeypatch.setattr("graph.tracing._exporting", lambda: SimpleSpanProcessor(kept))
    return kept


@pytest_asyncio.fixture
async def here(database_url: str, redis: str | None, spans: InMemorySpanExporter) -> AsyncIterator[Served]:
    async with served(database_url, redis, traces=True, budget=10**9) as opened:
        yield opened


@contextmanager
def _loud() -> Iterator[None]:
    """Logs at level debug, to where this test reads them."""
    configure_logging("debug")
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    try:
        yield
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()


async def _everything(here: Served, estate: Estate) -> list[dict[str, Any]]:
    """Every mutation by every role about both sides, and wide questions by everybody, in good weather and in bad."""
    answers = []
    for viewer in (estate.department, estate.viewers["officer"], estate.viewers["student"], None):
        for name, row in MUTATIONS.items():
            for side in ("north", "south"):
                kind = name[0].upper() + name[1:]
                document = f"mutation M($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ __typename ... on UserError {{ message }} }} }} }}"
                given = row.given(estate, side)
                answers.append((await here.ask(document, viewer, variables={"input": given})).json())
        for faults in ([], [Fault(status=500)], [Fault(kind="html", status=502)]):
            for sandbox in here.house.sandboxes.values():
                sandbox.state.behaviour.faults = faults
            for provider in here.house.sandboxes:
                await here.app.state.engine.facts.expire(provider)
            answers.append((await here.ask(WIDE, viewer)).json())
            answers.append((await here.ask(WIDE, viewer, variables={"s": ASKED})).json())
    return answers


async def _with_key(here: Served, estate: Estate) -> None:
    create = """mutation C($input: CreateProviderInput!) { createProvider(input: $input) { provider { id } errors { __typename } } }"""
    given = {"name": "Keyed", "kind": "CANVAS_CLOUD", "baseUrl": "https://keyed.example", "accountId": "1"}
    told = (await here.ask(create, estate.department, variables={"input": {**given, "accessKey": KEY}})).json()
    assert told["data"]["createProvider"]["errors"] == []


async def _in_redis(url: str | None) -> tuple[str, str]:
    """All keys, and all that is kept under those that hold text."""
    if url is None:
        return "", ""
    async with Redis.from_url(url) as client:
        keys = [key async for key in client.scan_iter()]
        values = [await client.get(key) for key in [key async for key in client.scan_iter(_type="string")]]
    return str(keys), str(values)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_name_and_no_secret_is_where_it_does_not_belong(
    here: Served, redis: str | None, spans: InMemorySpanExporter, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = await build(here.house)
    token = issue_token(SECRET, estate.department.username)
    with _loud():
        await _with_key(here, estate)
        answers = await _everything(here, estate)
        await here.http.post(
            "/graphql", json={"query": "{ viewer { role } }"}, headers={"authorization": f"Bearer {token}x"}
        )
    metrics = (await here.http.get("/metrics")).text
    ready = (await here.http.get("/readyz")).text
    await here.app.state.ledger.flush()
    ledger = str(await models.AccessEntry.all().values())
    issues = str(await models.SyncIssue.all().values())
    audit = str(await models.AuditEntry.all().values())
    keys, kept = await _in_redis(redis)
    output = capsys.readouterr()
    traced = str([span.to_json() for span in spans.get_finished_spans()])
    errors = str([error for answer in answers for error in answer.get("errors", [])])

    written = {"logs": output.err + output.out, "metrics": metrics, "readyz": ready, "traces": traced}
    sinks = {**written, "errors": errors, "ledger": ledger, "run issues": issues, "keys of Redis": keys}
    assert [name for name in ("logs", "metrics", "traces", "errors", "ledger") if len(sinks[name]) < 500] == []
    for name, text in sinks.items():
        assert [word for word in (*SECRETS, *NAMES, token) if word in text] == [], name
    everywhere = {**sinks, "audit": audit, "answers": str(answers), "values of Redis": kept}
    for name, text in everywhere.items():
        assert [word for word in (*SECRETS, token) if word in text] == [], name
    assert re.search(r'"viewer": "[0-9a-f]{16}"', written["logs"])
