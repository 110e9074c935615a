"""An answer of 10,000 rows through the endpoint, and how long everybody else waits for a turn meanwhile."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest
import strawberry

from graph.auth import TokenVerifier
from graph.execution.batching import batched
from graph.execution.executor import ListExecutor
from graph.http.app import GraphQLApp
from settings import Settings
from tests.graph.toy import SECRET, client
from tests.support.turns import watched

ROWS = 10_000
QUERY = "{ classes { id name code credits teacher { id name } } }"


@strawberry.type
class Teacher:
    id: strawberry.ID
    name: str


TEACHERS = [Teacher(id=strawberry.ID(str(number)), name=f"Teacher {number}") for number in range(100)]


async def load_teachers(parents: Sequence[Class]) -> list[Teacher]:
    return [TEACHERS[parent.credits] for parent in parents]


@strawberry.type
class Class:
    id: strawberry.ID
    name: str
    code: str | None
    credits: int
    teacher: Teacher | None = batched(load_teachers)


CLASSES = [
    Class(id=strawberry.ID(str(n)), name=f"Class {n}", code=None if n % 3 else f"C-{n}", credits=n % 100)
    for n in range(ROWS)
]


@strawberry.type
class Query:
    @strawberry.field
    async def classes(self) -> list[Class]:
        return CLASSES


async def _context(*_: object) -> dict[str, object]:
    return {}


def endpoint() -> GraphQLApp:
    return GraphQLApp(
        strawberry.Schema(Query, execution_context_class=ListExecutor),
        make_context=_context,
        settings=Settings(_env_file=None),
        verifier=TokenVerifier(secret=SECRET),
    )


@pytest.mark.usefixtures("calm")
async def test_a_long_answer_lets_others_have_their_turn() -> None:
    """Milliseconds of benchmarks/results, with room for a slower machine."""
    async with client(endpoint()) as http:
        await http.post("/graphql", json={"query": QUERY})
        async with watched(0) as turns:
            answer = await http.post("/graphql", json={"query": QUERY})
    assert turns.longest < 0.05
    assert len(answer.json()["data"]["classes"]) == ROWS


async def test_a_long_answer_is_a_bounded_weight() -> None:
    async with client(endpoint()) as http:
        size = len((await http.post("/graphql", json={"query": QUERY})).content)
        tracemalloc.start()
        try:
            await http.post("/graphql", json={"query": QUERY})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert 800_000 < size < 2_000_000
    assert peak < 30_000_000
