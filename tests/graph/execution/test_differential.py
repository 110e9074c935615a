"""Issue 7, part 1: the list-at-a-time executor answers exactly as the library's own."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from graph.execution.executor import ListExecutor
from tests.graph.execution.documents import harder
from tests.graph.execution.torture import Calm, Context, Query, World, schema

CALM = (schema(Calm, None), schema(Calm, ListExecutor))
WILD = (schema(Query, None), schema(Query, ListExecutor))
SCALARS = {"Picky": st.just("p").map(nodes.String), "DateTime": st.just("2026-01-01T00:00:00Z").map(nodes.String)}
FLAGS = {"on": True, "off": False}
THOROUGH = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


async def run(pair: Any, text: str, seed: int, trouble: float, *, awaited: bool) -> list[tuple[Any, Context]]:
    results = []
    for one in pair:
        context = Context()
        root = World(seed, trouble, awaited=awaited)
        variables = FLAGS if "$on" in text else None
        results.append((await one.execute(text, variables, context_value=context, root_value=root), context))
    return results


def told(errors: list[GraphQLError] | None) -> list[tuple[str, Any, Any]]:
    return [(error.message, error.path, error.locations) for error in errors or ()]


@THOROUGH
@given(
    text=queries(str(CALM[0]), custom_scalars=SCALARS),
    seed=st.integers(0, 10**6),
    trouble=st.sampled_from([0, 0.03, 0.2]),
)
def test_what_needs_no_waiting_is_answered_alike_errors_in_order(text: str, seed: int, trouble: float) -> None:
    text = harder(CALM[0]._schema, text, seed)
    (expected, asked), (got, asked_by_us) = asyncio.run(run(CALM, text, seed, trouble, awaited=False))
    if asked.batched:
        compare_loosely(expected, got)
        return
    assert told(got.errors) == told(expected.errors)
    assert got.data == expected.data
    assert repr(got.data) == repr(expected.data)
    assert asked_by_us.calls == asked.calls


@THOROUGH
@given(
    text=queries(str(WILD[0]), custom_scalars=SCALARS),
    seed=st.integers(0, 10**6),
    trouble=st.sampled_from([0, 0.03, 0.2]),
)
def test_what_is_awaited_is_answered_alike(text: str, seed: int, trouble: float) -> None:
    text = harder(WILD[0]._schema, text, seed)
    (expected, asked), (got, asked_by_us) = asyncio.run(run(WILD, text, seed, trouble, awaited=True))
    compare_loosely(expected, got)
    assert not asked_by_us.calls - asked.calls


def compare_loosely(expected: Any, got: Any) -> None:
    """Compare where the library's own order is that of its tasks.

    Two errors that may null the same value race in the library: the one that comes first hides the other, or not. So each
    error of ours must be one of the library's or have lost that race, and the values that are null are the same.
    """
    assert repr(got.data) == repr(expected.data)
    ours, theirs = Counter(map(repr, told(got.errors))), Counter(map(repr, told(expected.errors)))
    assert ours == theirs
