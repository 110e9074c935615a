"""Where the schema is closed nobody learns of it by guessing: what fits is refused in the words of what does not (C-22)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType

from graph.explorer import page
from graph.http.documents import Documents
from graph.limits.gate import Gate
from graph.limits.weights import HOMEROOM
from graph.refusal import RefusedError
from graph.schema import schema
from settings import Settings
from tests.graph.http.test_websocket import dialled, hear, init, say, subscribe
from tests.graph.server import serving
from tests.graph.toy import client, endpoint, site, token
from tests.support.served import served

CLOSED = Settings(_env_file=None, public_introspection=False)
ROOTS = [schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type]
GUESSES = [
    "{ things { nodes { id } } }",
    "{ things }",
    "{ things { zzz } }",
    "{ things(first: 1000) { nodes { id } } }",
    '{ things(first: "x") { nodes { id } } }',
    "{ things(zzz: 1) { nodes { id } } }",
    "{ zzz }",
    "{ viewer }",
    "{ viewer(zzz: 1) { role } }",
    "{ viewer @include(if: true) { role } }",
    "{ viewer @zzz { role } }",
    "{ viewer { role } secret }",
    "{ viewer { role } zzz }",
    "query ($f: Zzz) { things { nodes { id } } }",
    "query ($f: Int) { things(first: $f) { nodes { id } } }",
    "{ ...F } fragment F on Query { viewer { role } }",
    "{ ...F } fragment F on Zzz { viewer { role } }",
    "{ ... on Query { viewer { role } } }",
    "{ ... on Zzz { viewer { role } } }",
    "{ a: viewer { role } a: __typename }",
    "{ rateLimit { zzz } }",
    "{ rateLimit { __typename { zzz } } }",
    "fragment F on Query { zzz }",
    "query @zzz { viewer { role } }",
    "type Query { zzz: Int }",
    'mutation { rename(name: "x") { id } }',
    "mutation { zzz }",
    "mutation { __typename }",
    "subscription { count }",
    "subscription { zzz }",
]


async def test_whatever_is_guessed_the_answer_is_one() -> None:
    answers = set()
    async with client(endpoint(public_introspection=False)) as http:
        for guess in [*GUESSES, *GUESSES]:
            reply = await http.post("/graphql", json={"query": guess, "variables": {"f": {"zzz": 1}}})
            answers.add((reply.status_code, reply.headers["www-authenticate"], reply.text))
    told = (
        '{"errors":[{"message":"Send a bearer token in the Authorization header: the schema is closed.",'
        '"extensions":{"code":"UNAUTHENTICATED"}}]}'
    )
    assert answers == {(401, 'Bearer realm="homeroom"', told)}


async def test_no_other_door_tells_more() -> None:
    told, streamed = [], []
    async with serving(site(endpoint(public_introspection=False))) as port, dialled(port) as socket:
        await init(socket)
        for guess in ("subscription { count }", "subscription { zzz }", "{ things { zzz } }"):
            await say(socket, **subscribe(guess))
            told.append(await hear(socket))
            async with httpx.AsyncClient(headers={"accept": "text/event-stream"}) as http:
                reply = await http.post(f"http://127.0.0.1:{port}/graphql", json={"query": guess})
            streamed.append((reply.status_code, reply.json()["errors"]))
    assert told == 3 * [{"id": "1", "type": "error", "payload": told[0]["payload"]}]
    assert streamed == 3 * [(401, told[0]["payload"])]


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
async def test_no_root_field_is_told_from_one_that_is_not_there(root: GraphQLObjectType) -> None:
    kind = root.name.lower()
    asked = Documents(schema, CLOSED, Gate(CLOSED), HOMEROOM)
    for name in root.fields.keys() - {"viewer", "rateLimit"}:
        for rest in ("", " { id }", " { zzz }", "(id: 1) { id }", "(input: {}) { errors { __typename } }"):
            assert await refusal(asked, f"{kind} {{ {name}{rest} }}") == await refusal(asked, f"{kind} {{ zzz{rest} }}")


async def refusal(asked: Documents, text: str) -> list[dict[str, Any]]:
    with pytest.raises(RefusedError) as raised:
        await asked.plan(text, None, open_schema=False)
    assert raised.value.code == "UNAUTHENTICATED"
    return raised.value.errors


async def test_nobody_is_nobody_whatever_is_asked_of_them(database_url: str) -> None:
    asked = "query Who($a: Zzz) { me: viewer { role user { fullName zzz(x: $a) } ...F } __typename } fragment F on Zzz { x }"
    async with served(database_url, public_introspection=False) as here:
        viewer = await here.ask(asked, None, operationName="Who")
        budget = await here.ask("{ rateLimit { limit cost } }", None)
    assert viewer.json()["data"] == {"me": None, "__typename": "Query"}
    assert budget.json()["data"] == {"rateLimit": {"limit": 100_000, "cost": 2}}


@pytest.mark.parametrize(("is_open", "tabs"), [(True, len(page.examples())), (False, 0)])
async def test_the_explorer_shows_no_examples_of_a_closed_schema(
    database_url: str, is_open: bool, tabs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for files in ("PINS", "SCRIPTS", "STYLES"):
        monkeypatch.setattr(page, files, ())
    async with served(database_url, public_introspection=is_open) as here:
        shown = await here.http.get("/graphql", headers={"accept": "text/html"})
    assert shown.text.count('{"query": ') == tabs


@pytest.mark.parametrize(
    "guess", ["{ __schema { zzz } }", "{ zzz { __type { zzz } } }", "{ things { __schema } viewr }"]
)
async def test_whoever_reads_the_schema_is_told_to_sign_in_whether_or_not_the_rest_fits(guess: str) -> None:
    async with client(endpoint(public_introspection=False)) as http:
        reply = await http.post("/graphql", json={"query": guess})
    assert reply.json()["errors"] == [
        {"message": "Sign in to read the schema.", "extensions": {"code": "INTROSPECTION_OFF"}}
    ]


async def test_who_has_signed_in_is_told_what_is_wrong() -> None:
    async with client(endpoint(public_introspection=False), authorization=f"Bearer {token()}") as http:
        reply = await http.post("/graphql", json={"query": "{ thing { nodes { id } } }"})
        read = await http.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert "Did you mean 'things'" in reply.json()["errors"][0]["message"]
    assert read.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}
