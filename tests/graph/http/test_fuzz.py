"""Whatever is sent, the answer is JSON, is no 5xx, and quotes nothing that was not ours to tell."""

from __future__ import annotations

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from graph.http.app import GraphQLApp
from tests.graph.toy import GRAPHQL, client, endpoint, schema

APP = endpoint(query_seconds=0.05, max_cost=2_000)
SEVERAL = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def post(app: GraphQLApp, content: bytes) -> tuple[int, dict[str, object]]:
    async def once() -> tuple[int, dict[str, object]]:
        async with client(app, accept=GRAPHQL) as http:
            reply = await http.post("/graphql", content=content, headers={"content-type": "application/json"})
            return reply.status_code, reply.json()

    return asyncio.run(once())


@SEVERAL
@given(queries(schema.as_str()))
def test_any_query_of_the_schema_is_answered_or_refused(query: str) -> None:
    status, told = post(APP, json.dumps({"query": query}).encode())
    assert status in {200, 400, 429}
    assert ("data" in told) == (status == 200)
    for error in told.get("errors", []):  # type: ignore[attr-defined]
        assert error["extensions"]["code"]
        assert "Jane" not in error["message"]


@SEVERAL
@given(st.text(alphabet=st.sampled_from('{}()[]$:@!=|&. "\\#,…abfirstquerymutationonfragment1'), max_size=200))
def test_any_text_is_a_document_or_is_refused(text: str) -> None:
    status, told = post(APP, json.dumps({"query": text}).encode())
    assert status in {200, 400}
    assert told.get("errors") or "data" in told


@SEVERAL
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "query": JSON_VALUES | st.just("query ($n: Int) { things(first: $n) { nodes { id } } }"),
            "variables": JSON_VALUES | st.dictionaries(st.just("n"), JSON_VALUES),
            "operationName": JSON_VALUES,
            "extensions": JSON_VALUES,
            "documentId": JSON_VALUES,
        },
    )
    | JSON_VALUES
)
def test_any_body_is_a_request_or_is_refused(body: object) -> None:
    status, told = post(APP, json.dumps(body).encode())
    assert status in {200, 400, 404}
    assert told.get("errors") or "data" in told


@SEVERAL
@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_are_refused(body: bytes) -> None:
    status, told = post(APP, body)
    assert status == 400
    assert told["errors"]
