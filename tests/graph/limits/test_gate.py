"""Every limit through the endpoint: its code, its setting, and what `warn` does instead (conventions §4.1, C-15, C-17)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from graph.limits.bucket import MemoryBucket
from graph.limits.gate import Gate
from graph.limits.trusted import TrustedDocuments
from graph.limits.weights import Weights
from settings import Settings
from tests.graph.toy import GRAPHQL, client, endpoint, token


def nested(depth: int) -> str:
    """A query `depth` fields deep."""
    return "{ all { " + "itself { " * (depth - 2) + "id" + " }" * (depth - 2) + " } }"


AT_LIMIT = {
    "DEPTH_LIMIT": (nested(12), nested(13)),
    "ALIAS_LIMIT": (
        "{ all { " + " ".join(f"a{n}: id" for n in range(20)) + " } }",
        "{ all { " + " ".join(f"a{n}: id" for n in range(21)) + " } }",
    ),
    "ROOT_FIELD_LIMIT": (
        "{ " + " ".join(f"a{n}: text" for n in range(10)) + " }",
        "{ " + " ".join(f"a{n}: text" for n in range(11)) + " }",
    ),
    "DIRECTIVE_LIMIT": (
        "{ all { " + "id @include(if: true) " * 20 + "} }",
        "{ all { " + "id @include(if: true) " * 21 + "} }",
    ),
    "TOKEN_LIMIT": (
        " ".join(f"query q{n} {{ text }}" for n in range(400)),
        " ".join(f"query q{n} {{ text }}" for n in range(399)) + " query q0 { text text }",
    ),
    "COST_LIMIT": (
        "{ things(first: 100) { nodes { things(first: 98) { nodes { itself { id } } } } } }",
        "{ things(first: 100) { nodes { things(first: 100) { nodes { itself { id } } } } } }",
    ),
    "BAD_INPUT": (
        "{ things(first: 100) { nodes { id } } }",
        "{ things(first: 101) { nodes { id } } }",
    ),
}


@pytest.mark.parametrize("code", AT_LIMIT)
async def test_a_limit_lets_through_what_meets_it_and_refuses_one_more(code: str) -> None:
    meets, passes = AT_LIMIT[code]
    async with client(endpoint(), accept=GRAPHQL) as http:
        name = "q0" if code == "TOKEN_LIMIT" else None
        good = await http.post("/graphql", json={"query": meets, "operationName": name})
        bad = await http.post("/graphql", json={"query": passes, "operationName": name})
    assert (good.status_code, "errors" in good.json()) == (200, False)
    assert bad.status_code == 400
    assert "data" not in bad.json()
    (error,) = bad.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["limit"] > 0


async def test_mutations_have_a_smaller_number_of_root_fields() -> None:
    def renames(count: int) -> str:
        return "mutation { " + " ".join(f'm{n}: rename(name: "x") {{ id }}' for n in range(count)) + " }"

    async with client(endpoint(), accept=GRAPHQL) as http:
        good = await http.post("/graphql", json={"query": renames(5)})
        bad = await http.post("/graphql", json={"query": renames(6)})
    assert (good.status_code, bad.status_code) == (200, 400)
    assert bad.json()["errors"][0]["extensions"] == {"code": "ROOT_FIELD_LIMIT", "limit": 5, "actual": 6}


async def test_objects_have_a_limit_of_their_own() -> None:
    app = endpoint(max_nodes=30, weights=Weights(points={"ThingConnection.nodes": 0}))
    async with client(app, accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": "{ things(first: 31) { nodes { id } } }"})
    assert reply.json()["errors"][0]["extensions"] == {"code": "NODE_LIMIT", "limit": 30, "actual": 31}


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_out_of_bounds_names_its_argument(first: int) -> None:
    async with client(endpoint(), accept=GRAPHQL) as http:
        reply = await http.post(
            "/graphql",
            json={
                "query": "query ($n: Int) { things { nodes { things(first: $n) { nodes { id } } } } }",
                "variables": {"n": first},
            },
        )
    (error,) = reply.json()["errors"]
    assert error["message"] == "`first` of `things.nodes.things` must be between 0 and 100."
    assert error["extensions"] == {"code": "BAD_INPUT", "path": ["first"], "limit": 100, "actual": first}


async def test_a_long_document_is_too_large() -> None:
    async with client(endpoint(max_document_bytes=100), accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": "{ __typename } # " + "é" * 50})
    assert (reply.status_code, reply.json()["errors"][0]["extensions"]["code"]) == (413, "DOCUMENT_TOO_LARGE")


async def test_comments_do_not_get_around_the_tokens() -> None:
    async with client(endpoint(), accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": "#\n" * 3_000 + "{ __typename }"})
    assert reply.status_code == 400


async def test_introspection_is_not_measured_as_depth() -> None:
    from graphql import get_introspection_query

    async with client(endpoint(), accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": get_introspection_query()})
    assert reply.status_code == 200
    assert reply.json()["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


async def test_the_cost_is_told_and_what_was_not_used_is_given_back() -> None:
    async with client(endpoint(), authorization=f"Bearer {token()}") as http:
        reply = await http.post("/graphql", json={"query": "{ things(first: 100) { nodes { id } } }"})
    cost = reply.json()["extensions"]["cost"]
    assert cost.pop("resetAt").endswith("+00:00")
    assert cost == {"requested": 102, "actual": 42, "limit": 100_000, "remaining": 99_958, "upstreamCalls": 2}
    assert reply.headers["ratelimit-limit"] == "100000"
    assert reply.headers["ratelimit-remaining"] == "99958"
    assert reply.headers["ratelimit-reset"] == "1"


async def test_an_empty_budget_refuses_the_whole_request() -> None:
    app = endpoint(budget=100, budget_restore=10)
    query = {"query": "{ things(first: 40) { nodes { id } } }"}
    async with client(app) as http:
        statuses = [(await http.post("/graphql", json=query)).status_code for _ in range(2)]
        refused = await http.post("/graphql", json=query)
        other = await http.post("/graphql", json=query, headers={"authorization": f"Bearer {token('sam')}"})
    assert statuses == [200, 200]
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "3"
    assert refused.headers["ratelimit-remaining"] == "16"
    assert refused.json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 3}
    assert "data" not in refused.json()
    assert other.status_code == 200


async def test_an_operation_dearer_than_the_bucket_still_runs_on_a_full_one() -> None:
    async with client(endpoint(budget=10)) as http:
        reply = await http.post("/graphql", json={"query": "{ things(first: 40) { nodes { id } } }"})
    assert reply.status_code == 200
    assert reply.json()["extensions"]["cost"]["remaining"] == 0


async def test_a_dry_run_tells_the_cost_and_runs_nothing() -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": "{ boom all { id } }", "extensions": {"dryRun": True}})
    assert reply.json() == {"data": None, "extensions": {"cost": {"requested": 11, "dryRun": True}}}


async def test_warnings_run_what_limits_would_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    app = endpoint(limits="warn", budget=1, budget_restore=1, max_cost=10, max_depth=1, max_aliases=0, max_tokens=3)
    async with client(app, accept=GRAPHQL) as http:
        for _ in range(2):
            reply = await http.post("/graphql", json={"query": "{ everything: all { id } }"})
            assert reply.status_code == 200
            assert len(reply.json()["data"]["everything"]) == 3
    logged = capsys.readouterr().out
    for code in ("COST_LIMIT", "DEPTH_LIMIT", "ALIAS_LIMIT", "RATE_LIMITED"):
        assert code in logged


async def test_warnings_still_keep_pages_in_bounds() -> None:
    async with client(endpoint(limits="warn"), accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": "{ things(first: 101) { nodes { id } } }"})
    assert reply.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def manifest(folder: Path, *documents: str) -> str:
    file = folder / "documents.json"
    file.write_text(json.dumps({hashlib.sha256(text.encode()).hexdigest(): text for text in documents}))
    return str(file)


KNOWN = "query Known { all { id } }"
KNOWN_ID = hashlib.sha256(KNOWN.encode()).hexdigest()


async def test_a_trusted_document_runs_by_its_id(tmp_path: Path) -> None:
    async with client(endpoint(trusted_documents=manifest(tmp_path, KNOWN))) as http:
        for name in (KNOWN_ID, f"sha256:{KNOWN_ID}"):
            assert len((await http.post("/graphql", json={"documentId": name})).json()["data"]["all"]) == 3
        got = await http.get("/graphql", params={"documentId": KNOWN_ID})
        missing = await http.post("/graphql", json={"documentId": "f" * 64})
        free = await http.post("/graphql", json={"query": "{ all { id } }"})
    assert len(got.json()["data"]["all"]) == 3
    assert (missing.status_code, missing.json()["errors"][0]["extensions"]["code"]) == (404, "DOCUMENT_NOT_FOUND")
    assert free.status_code == 200


async def test_only_trusted_documents_run_where_that_is_set(tmp_path: Path) -> None:
    app = endpoint(trusted_documents=manifest(tmp_path, KNOWN), trusted_only=True)
    async with client(app) as http:
        by_text = await http.post("/graphql", json={"query": KNOWN})
        unknown = await http.post("/graphql", json={"query": KNOWN + " "})
        wrong = await http.post("/graphql", json={"query": "{", "documentId": KNOWN_ID})
    assert by_text.status_code == wrong.status_code == 200
    assert (unknown.status_code, unknown.json()["errors"][0]["extensions"]["code"]) == (403, "DOCUMENT_NOT_TRUSTED")


def test_a_manifest_that_lies_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the sha256"):
        TrustedDocuments({"0" * 64: KNOWN})
    with pytest.raises(ValueError, match="HOMEROOM_TRUSTED_DOCUMENTS"):
        TrustedDocuments.load(None, only=True)


async def test_the_gate_takes_the_bucket_it_is_given() -> None:
    bucket = MemoryBucket(7, 1)
    gate = Gate(Settings(_env_file=None), bucket)
    assert (await gate.take("rosa", 3)).remaining == 4
    assert gate.headers(4, 2.5) == {"ratelimit-limit": "7", "ratelimit-remaining": "4", "ratelimit-reset": "3"}
