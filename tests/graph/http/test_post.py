"""POST and GET: who is answered what, with which status (C-11, C-12, C-16, C-26)."""

from __future__ import annotations

import asyncio
import gzip
import json

import httpx
import pytest

from domain.errors import UnauthenticatedError
from graph.refusal import unauthenticated
from tests.graph.toy import GRAPHQL, World, client, endpoint, site, token

ROLE = "{ viewer { role } }"


def code(reply: httpx.Response) -> str:
    errors = reply.json()["errors"]
    assert len(errors) == 1
    return str(errors[0]["extensions"]["code"])


async def test_a_query_is_answered_in_the_type_asked_for() -> None:
    async with client(endpoint(), authorization=f"Bearer {token()}") as http:
        for accept, answered in [
            (GRAPHQL, GRAPHQL),
            ("application/json", "application/json"),
            ("*/*", "application/json"),
            (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
            (f"{GRAPHQL};q=0.1, application/json", "application/json"),
            ("text/html;q=0.5, application/*", "application/json"),
        ]:
            reply = await http.post("/graphql", json={"query": ROLE}, headers={"accept": accept})
            assert reply.status_code == 200
            assert reply.headers["content-type"] == f"{answered}; charset=utf-8"
            assert reply.headers["cache-control"] == "no-store"
            assert reply.json()["data"] == {"viewer": {"role": "rosa"}}


async def test_nobody_is_answered_too_but_with_a_code_for_what_needs_a_name() -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": "{ viewer { role } secret }"})
    assert reply.status_code == 200
    assert reply.json()["data"] == {"viewer": None, "secret": None}
    assert code(reply) == "UNAUTHENTICATED"
    assert reply.json()["errors"][0]["path"] == ["secret"]


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer"])
async def test_a_bad_token_is_refused(header: str) -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": ROLE}, headers={"authorization": header})
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith('Bearer realm="homeroom", error="invalid_token"')
    assert code(reply) == "UNAUTHENTICATED"


async def test_an_expired_token_is_refused() -> None:
    async with client(endpoint(), authorization=f"Bearer {token(hours=-1)}") as http:
        reply = await http.post("/graphql", json={"query": ROLE})
    assert reply.status_code == 401
    assert reply.json()["errors"][0]["message"] == "The token has expired."


@pytest.mark.parametrize("stranger", [UnauthenticatedError("Nobody goes by that name."), unauthenticated("Nobody.")])
async def test_a_subject_without_an_account_is_refused(world: World, stranger: Exception) -> None:
    world.stranger = stranger
    async with client(endpoint(), authorization=f"Bearer {token()}") as http:
        reply = await http.post("/graphql", json={"query": ROLE})
    assert (reply.status_code, code(reply)) == (401, "UNAUTHENTICATED")
    assert "www-authenticate" in reply.headers


@pytest.mark.parametrize(
    ("query", "error_code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("query ($n: Int!) { things(first: $n) { nodes { id } } }", "BAD_INPUT"),
    ],
)
async def test_a_document_that_cannot_run_has_no_data(query: str, error_code: str) -> None:
    async with client(endpoint()) as http:
        new = await http.post("/graphql", json={"query": query}, headers={"accept": GRAPHQL})
        old = await http.post("/graphql", json={"query": query}, headers={"accept": "application/json"})
    assert (new.status_code, old.status_code) == (400, 200)
    assert code(new) == code(old) == error_code
    assert "data" not in new.json()
    assert "data" not in old.json()


async def test_the_statuses_of_the_draft_are_a_setting() -> None:
    app = endpoint(http_draft_status=True)
    async with client(app, accept=GRAPHQL) as http:
        statuses = [
            (await http.post("/graphql", json={"query": query})).status_code
            for query in ("{", "{ nothing }", "{ all { id } badId }", "{ required }", "{ all { id } }")
        ]
    assert statuses == [400, 422, 294, 200, 200]


@pytest.mark.parametrize(
    ("content", "kind", "status", "error_code"),
    [
        (b"{", "application/json", 400, "BAD_REQUEST"),
        (b"\xff", "application/json", 400, "BAD_REQUEST"),
        (b"7", "application/json", 400, "BAD_REQUEST"),
        (b"{}", "application/json", 400, "BAD_REQUEST"),
        (b'{"query": 7}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{a}", "variables": []}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{a}", "operationName": 7}', "application/json", 400, "BAD_REQUEST"),
        (
            b'{"query": "{all{id}}", "variables": {"a":' + b"[" * 900 + b"]" * 900 + b"}}",
            "application/json",
            400,
            "BAD_REQUEST",
        ),
        (b'{"query": "{a}", "extensions": "x"}', "application/json", 400, "BAD_REQUEST"),
        (b'[{"query": "{a}"}]', "application/json", 400, "BATCHING_OFF"),
        (b'{"query": "{a}"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"query=%7Ba%7D", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"", "multipart/form-data; boundary=x", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"{a}", "application/graphql", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{a}"}', "application/json; charset=latin-1", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"x" * 300_000, "application/json", 413, "BODY_TOO_LARGE"),
    ],
)
async def test_a_request_that_is_none_is_refused_in_json(
    content: bytes, kind: str, status: int, error_code: str
) -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", content=content, headers={"content-type": kind})
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert code(reply) == error_code


async def test_a_body_without_a_length_is_cut_off_too() -> None:
    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"x" * 10_000

    async with client(endpoint()) as http:
        reply = await http.post("/graphql", content=chunks(), headers={"content-type": "application/json"})
    assert (reply.status_code, code(reply)) == (413, "BODY_TOO_LARGE")


async def test_a_compressed_body_is_not_unpacked() -> None:
    body = gzip.compress(b'{"query": "{ viewer { role } }"}')
    async with client(endpoint()) as http:
        reply = await http.post(
            "/graphql", content=body, headers={"content-type": "application/json", "content-encoding": "gzip"}
        )
    assert (reply.status_code, code(reply)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_types_we_do_not_speak_are_not_acceptable() -> None:
    async with client(endpoint()) as http:
        for accept in ("text/html", "application/xml", "application/json;q=0"):
            reply = await http.post("/graphql", json={"query": ROLE}, headers={"accept": accept})
            assert (reply.status_code, code(reply)) == (406, "NOT_ACCEPTABLE")


async def test_get_answers_queries_only() -> None:
    async with client(endpoint()) as http:
        query = await http.get(
            "/graphql",
            params={
                "query": "query A($n: Int) { things(first: $n) { nodes { id } } } query B { __typename }",
                "operationName": "A",
                "variables": json.dumps({"n": 1}),
            },
        )
        mutation = await http.get("/graphql", params={"query": 'mutation { rename(name: "x") { id } }'})
        nothing = await http.get("/graphql")
        broken = await http.get("/graphql", params={"query": ROLE, "variables": "{"})
    assert query.json()["data"] == {"things": {"nodes": [{"id": "0"}]}}
    assert (mutation.status_code, mutation.headers["allow"], code(mutation)) == (405, "POST", "METHOD_NOT_ALLOWED")
    assert (nothing.status_code, broken.status_code) == (400, 400)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_named_in_allow(method: str) -> None:
    async with client(endpoint()) as http:
        reply = await http.request(method, "/graphql")
    assert (reply.status_code, reply.headers["allow"], code(reply)) == (405, "GET, POST", "METHOD_NOT_ALLOWED")


async def test_an_unexpected_error_is_masked_and_traced(capsys: pytest.CaptureFixture[str]) -> None:
    async with client(site(endpoint())) as http:
        reply = await http.post(
            "/graphql",
            json={"query": "query Q($w: String!) { boom(word: $w) all { id } }", "variables": {"w": "canary"}},
            headers={"x-request-id": "trace-1"},
        )
    error = reply.json()["errors"][0]
    assert error["message"] == "Something went wrong here. Tell the operator the request id."
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "trace-1"}
    assert error["path"] == ["boom"]
    assert len(reply.json()["data"]["all"]) == 3
    assert reply.headers["x-request-id"] == "trace-1"
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "trace-1" in logged
    for secret in ("Jane Doe", "canary", "token-abc"):
        assert secret not in reply.text
        assert secret not in logged


async def test_a_broken_promise_of_the_schema_is_masked() -> None:
    async with client(endpoint(), accept=GRAPHQL) as http:
        reply = await http.post("/graphql", json={"query": "{ required }"})
    assert (reply.status_code, code(reply), reply.json()["data"]) == (200, "INTERNAL", None)


async def test_errors_with_a_name_keep_their_code() -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": "{ badId upstream }"})
    assert [error["extensions"] for error in reply.json()["errors"]] == [
        {"code": "BAD_ID"},
        {"code": "UPSTREAM_UNAVAILABLE", "source": "7", "reason": "TIMEOUT"},
    ]
    assert "canvas.example" not in reply.text


async def test_a_request_id_that_is_no_id_is_replaced() -> None:
    async with client(site(endpoint())) as http:
        reply = await http.post("/graphql", json={"query": ROLE}, headers={"x-request-id": "a b<script>"})
    assert len(reply.headers["x-request-id"]) == 32


async def test_late_work_is_cancelled_and_said_to_be_late(world: World) -> None:
    async with client(endpoint(query_seconds=0.05, mutation_seconds=1), accept=GRAPHQL) as http:
        query = await http.post("/graphql", json={"query": "{ slow(seconds: 5) all { id } }"})
        longer = await http.post("/graphql", json={"query": "mutation { wait(seconds: 0.1) }"})
        mutation = await http.post("/graphql", json={"query": "mutation { wait(seconds: 5) }"})
    assert (query.status_code, code(query), query.json()["data"]) == (200, "DEADLINE_EXCEEDED", None)
    assert longer.json()["data"] == {"wait": "done"}
    assert code(mutation) == "DEADLINE_EXCEEDED"
    await asyncio.sleep(0)
    assert world.cancelled == 2


async def test_long_answers_are_compressed_for_those_who_can_read_it() -> None:
    async with client(endpoint()) as http:
        for size, encoding in ((10, None), (5_000, "gzip"), (200_000, "gzip")):
            reply = await http.post(
                "/graphql", json={"query": f"{{ text(size: {size}) }}"}, headers={"accept-encoding": "gzip"}
            )
            assert reply.headers.get("content-encoding") == encoding
            assert reply.json()["data"] == {"text": "x" * size}
        plain = await http.post("/graphql", json={"query": "{ text(size: 5000) }"}, headers={"accept-encoding": "br"})
        assert "content-encoding" not in plain.headers


async def test_at_most_ten_validation_errors_are_told() -> None:
    fields = " ".join(f"f{n}" for n in range(50))
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": f"{{ {fields} }}"})
    assert len(reply.json()["errors"]) == 10


async def test_a_closed_schema_is_neither_read_nor_guessed_by_strangers() -> None:
    app = endpoint(public_introspection=False)
    async with client(app) as http:
        schema = await http.post("/graphql", json={"query": "{ __schema { types { name } } }"})
        through = await http.post(
            "/graphql", json={"query": 'query { ...F } fragment F on Query { __type(name: "Query") { name } }'}
        )
        guess = await http.post("/graphql", json={"query": "{ viewr { role } }"})
        own = await http.post(
            "/graphql",
            json={"query": "{ __schema { queryType { name } } viewr }"},
            headers={"authorization": f"Bearer {token()}"},
        )
        typename = await http.post("/graphql", json={"query": "{ __typename }"})
    assert code(schema) == code(through) == "INTROSPECTION_OFF"
    assert (guess.status_code, code(guess)) == (401, "UNAUTHENTICATED")
    assert "viewr" not in guess.text
    assert "Did you mean 'viewer'" in own.json()["errors"][0]["message"]
    assert typename.json()["data"] == {"__typename": "Query"}


async def test_a_document_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from graph.http import documents

    seen: list[str] = []
    real = documents.parse
    monkeypatch.setattr(documents, "parse", lambda text, **options: seen.append(text) or real(text, **options))
    async with client(endpoint()) as http:
        for _ in range(3):
            await http.post("/graphql", json={"query": ROLE})
            await http.post("/graphql", json={"query": "{ broken"})
    assert seen == [ROLE, "{ broken"]


async def test_the_document_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from graph.http import documents

    monkeypatch.setattr(documents, "_TOKENS", 60)
    app = endpoint()
    async with client(app) as http:
        for n in range(20):
            await http.post("/graphql", json={"query": f"query Q{n} {{ viewer {{ role }} }}"})
    known = app.engine._documents
    assert known._tokens <= 60
    assert len(known._known) == known._tokens // 8


async def test_data_come_before_extensions() -> None:
    async with client(endpoint()) as http:
        reply = await http.post("/graphql", json={"query": "{ __typename }"})
    assert reply.content.startswith(b'{"data":{"__typename":"Query"},"extensions":{"cost":')
