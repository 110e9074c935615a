"""Who still uses what will go away, by numbers and by logs (C-18)."""

from __future__ import annotations

import pytest
import structlog

from graph.observing import Observing
from services.meters import MOST_CLIENTS, Meters
from tests.graph.toy import client, endpoint, site

USES = "homeroom_deprecated_uses_total"


@pytest.mark.parametrize("header", ["apollographql-client-name", "x-client-name"])
async def test_uses_are_counted_by_client_and_element(header: str) -> None:
    meters = Meters()
    async with client(site(endpoint(observer=Observing(meters, None)))) as http:
        for name, query in (("roster", "{ text words }"), ("roster", "{ old: words }"), ("calendar", "{ text }")):
            answer = await http.post("/graphql", json={"query": query}, headers={header: name})
            assert "errors" not in answer.json()
        await http.post("/graphql", json={"query": "{ words }"})
        await http.post("/graphql", json={"query": "{ words }", "extensions": {"dryRun": True}})
    counted = meters.registry().get_sample_value
    assert counted(USES, {"client": "roster", "element": "Query.words"}) == 2
    assert counted(USES, {"client": "unnamed", "element": "Query.words"}) == 1
    assert counted(USES, {"client": "calendar", "element": "Query.words"}) is None


async def test_the_line_of_an_operation_says_what_goes_away() -> None:
    async with client(site(endpoint())) as http:
        with structlog.testing.capture_logs() as lines:
            for query in ("{ words }", "{ text }"):
                await http.post("/graphql", json={"query": query})
    assert [line.get("deprecated") for line in lines if line["event"] == "operation"] == [["Query.words"], None]


def test_names_that_clients_make_up_without_end_are_counted_together() -> None:
    meters = Meters()
    for number in range(MOST_CLIENTS + 7):
        meters.deprecated(f"client {number}", ["Query.words"])
    counted = meters.registry().get_sample_value
    assert counted(USES, {"client": "client 0", "element": "Query.words"}) == 1
    assert counted(USES, {"client": "other", "element": "Query.words"}) == 7
