"""Issue 7, part 1: the list-at-a-time executor answers exactly as the library's own."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, OperationDefinitionNode, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from strawberry.types import ExecutionResult

from graph.execution.executor import ListExecutor
from graph.execution.prepared import Prepared
from tests.graph.execution.documents import harder, variables
from tests.graph.execution.roots import Calm, Query, schema
from tests.graph.execution.torture import Context
from tests.graph.execution.world import World


@dataclass
class Again:
    """A schema as the endpoint asks it: what answers has answered the same before."""

    schema: strawberry.Schema

    async def execute(
        self, text: str, variables: dict[str, Any], *, context_value: Context, root_value: World
    ) -> GraphQLExecutionResult:
        document = parse(text)
        node = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        prepared = Prepared(self.schema, document, node, hints=True)
        for context, root in ((Context(), deepcopy(root_value)), (context_value, root_value)):
            result = prepared.execute(variables, context, root)
            answer = await result if isawaitable(result) else result
        return answer


CALM = (schema(Calm, None), schema(Calm, ListExecutor))
WILD = (schema(Query, None), schema(Query, ListExecutor))
CALM_AGAIN, WILD_AGAIN = (CALM[0], Again(CALM[1])), (WILD[0], Again(WILD[1]))
SCALARS = {"Picky": st.just("p").map(nodes.String), "DateTime": st.just("2026-01-01T00:00:00Z").map(nodes.String)}
logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL + 1)
THOROUGH = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
# Both executors leave coroutines behind where an error ends a request early: the library's own habit.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def nothing_left_for_other_tests() -> Iterator[None]:
    yield
    gc.collect()


TROUBLE = [0, 0.01, 0.03, 0.2]


async def run(pair: Any, text: str, seed: int, trouble: float, *, awaited: bool) -> list[tuple[Any, Context]]:
    results = []
    for one in pair:
        context = Context()
        root = World(seed, trouble, awaited=awaited)
        result = await one.execute(text, variables(text), context_value=context, root_value=root)
        results.append((result, context))
    assert isinstance(results[0][0], ExecutionResult), results[0][0].errors
    return results


def told(errors: list[GraphQLError] | None) -> list[tuple[str, Any, Any]]:
    return [(error.message, error.path, error.locations) for error in errors or ()]


@THOROUGH
@given(
    text=queries(str(CALM[0]), custom_scalars=SCALARS),
    seed=st.integers(0, 10**6),
    trouble=st.sampled_from(TROUBLE),
)
def test_a_document_that_needs_no_waiting_is_answered_alike(text: str, seed: int, trouble: float) -> None:
    check_calm(harder(CALM[0]._schema, text, seed, depth=1), seed, trouble)


@THOROUGH
@given(
    text=queries(str(WILD[0]), custom_scalars=SCALARS),
    seed=st.integers(0, 10**6),
    trouble=st.sampled_from(TROUBLE),
)
def test_a_document_with_awaited_fields_is_answered_alike(text: str, seed: int, trouble: float) -> None:
    check_wild(harder(WILD[0]._schema, text, seed, depth=1), seed, trouble)


@pytest.mark.parametrize("pair", [CALM, CALM_AGAIN])
@pytest.mark.parametrize("seed", range(60))
def test_a_grown_document_that_needs_no_waiting_is_answered_alike(seed: int, pair: Any) -> None:
    check_calm(grown(CALM, seed), seed, TROUBLE[seed % 4], pair)


@pytest.mark.parametrize("pair", [WILD, WILD_AGAIN])
@pytest.mark.parametrize("seed", range(90))
def test_a_grown_document_with_awaited_fields_is_answered_alike(seed: int, pair: Any) -> None:
    check_wild(grown(WILD, seed), seed, TROUBLE[seed % 4], pair)


def grown(pair: Any, seed: int) -> str:
    schema = pair[0]._schema
    roots = list(schema.query_type.fields)
    return harder(schema, f"{{ {roots[seed % len(roots)]} {{ __typename }} }}", seed)


def check_calm(text: str, seed: int, trouble: float, pair: Any = CALM) -> None:
    (expected, asked), (got, asked_by_us) = asyncio.run(run(pair, text, seed, trouble, awaited=False))
    assert repr(got.data) == repr(expected.data)
    if asked.batched:
        compare_errors(expected, got)
    else:
        assert told(got.errors) == told(expected.errors)
        assert asked_by_us.calls == asked.calls
    # Fields of a lost object are still resolved by the library, in the background.
    assert not asked_by_us.calls - asked.calls
    assert max(asked_by_us.paths.values(), default=1) == 1


def check_wild(text: str, seed: int, trouble: float, pair: Any = WILD) -> None:
    (expected, asked), (got, asked_by_us) = asyncio.run(run(pair, text, seed, trouble, awaited=True))
    assert repr(got.data) == repr(expected.data)
    compare_errors(expected, got)
    assert max(asked_by_us.paths.values(), default=1) == 1
    if not expected.errors:
        assert asked_by_us.calls == asked.calls


def compare_errors(expected: Any, got: Any) -> None:
    """Compare errors where their order is that of the library's tasks.

    Errors that bubble up to the same value race in the library: the first one hides the others, or not, as its tasks
    happen to run. So both must blame the same values, and only errors that bubbled may differ.
    """
    ours, theirs = blamed(got), blamed(expected)
    assert ours.keys() == theirs.keys()
    for value, errors in theirs.items():
        differing = [error for error in (*errors, *ours[value]) if error not in errors or error not in ours[value]]
        assert all(len(error[1]) > len(value) for error in differing), (value, errors, ours[value])


def blamed(result: Any) -> dict[tuple[Any, ...], list[Any]]:
    """The errors by the value they made null."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for error in told(result.errors):
        value, path = result.data, []
        for key in error[1]:
            if value is None:
                break
            value = value[key]
            path.append(key)
        found[tuple(path)].append(error)
    return {path: sorted(errors, key=repr) for path, errors in found.items()}
