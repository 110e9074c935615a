"""Nobody's data in somebody else's answer, and no secret in any place that is written to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import structlog
from redis.asyncio import Redis

from db import models
from graph.logging import configure_logging
from sandbox.behaviour import DEFAULT_TOKEN
from tests.acceptance.estate import Estate, build
from tests.support.mutations import stored
from tests.support.served import Served, served

KEY = "canary~access-key-0123456789"
WIDE = """query Wide { users(first: 50) { totalCount nodes { fullName username enrollments { nodes { class { name } } } } }
  classes(first: 50) { nodes { name enrolledCount roster { totalCount nodes { user { fullName } } } } }
  teams(first: 50) { nodes { name members { fullName } } }
  auditLog(first: 50) { nodes { action actor { username } } } }"""


@pytest_asyncio.fixture
async def here(database_url: str, redis: str | None) -> AsyncIterator[Served]:
    async with served(database_url, redis) as opened:
        yield opened


async def _seen(here: Served, estate: Estate, viewer: str) -> str:
    answer = await here.ask(WIDE, estate.viewers[viewer])
    assert answer.json()["data"]["users"] is not None, answer.text
    return answer.text


async def test_a_warm_cache_answers_nobody_with_somebody_elses_people(here: Served) -> None:
    """§4.6: everybody asks the same, in an order in which each finds the answers of others warm, twice."""
    estate = await build(here.house)
    north, south = estate.sides["north"], estate.sides["south"]
    for viewer in ("department", "officer", "foreigner", "student", "department", "foreigner", "officer", "student"):
        said = await _seen(here, estate, viewer)
        if viewer == "officer":
            assert [word for word in south.private if word in said] == []
            assert north.private[0] in said
        elif viewer == "foreigner":
            assert [word for word in north.private if word in said] == []
            assert south.private[0] in said
        elif viewer == "student":
            assert [word for word in south.private if word in said] == []
        else:
            assert north.private[0] in said
            assert south.private[0] in said


async def test_an_access_key_is_in_no_table_line_number_answer_or_cache(
    here: Served, redis: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """§4.4: written once, sealed, and then grepped for in every sink."""
    configure_logging("debug")
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    estate = await build(here.house)
    create = """mutation C($input: CreateProviderInput!) { createProvider(input: $input) {
      provider { id name } errors { __typename ... on UserError { message } } } }"""
    given = {
        "name": "Keyed",
        "kind": "CANVAS_CLOUD",
        "baseUrl": "https://keyed.example",
        "accountId": "1",
        "accessKey": KEY,
    }
    answers = [(await here.ask(create, estate.department, variables={"input": given})).text]
    row = await models.Provider.get_or_none(name="Keyed")
    assert row is not None, answers
    read = "{ providers { name baseUrl accessKeyFingerprint hasAccessKey } auditLog(first: 50) { nodes { before after } } }"
    answers += [(await here.ask(document, estate.department)).text for document in (read, WIDE)]
    assert '"hasAccessKey":true' in answers[1]
    metrics = (await here.http.get("/metrics")).text
    await here.app.state.ledger.flush()
    tables = str(await stored())
    kept = ""
    if redis is not None:
        async with Redis.from_url(redis) as client:
            strings = [key async for key in client.scan_iter(_type="string")]
            kept = str([await client.get(key) for key in strings])
    structlog.reset_defaults()
    output = capsys.readouterr()
    for place in (*answers, metrics, tables, kept, output.err, output.out):
        assert KEY not in place
        assert DEFAULT_TOKEN not in place
