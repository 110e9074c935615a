"""Whatever a mutation's services may raise as a problem has its place in the mutation's error union."""

from __future__ import annotations

import pytest
from graphql import GraphQLList, GraphQLNonNull, GraphQLUnionType

from domain import problems
from graph.errors import SIMPLE
from graph.schema import schema
from tests.support.calls import module, modules, reach, uses

NAMES = {kind.__name__: error.__name__ for kind, error in SIMPLE.items()}
ALWAYS = {"Conflict", "InvalidInput"}
"""What a repeated idempotency key may be answered with."""
TOLD_ELSEWHERE = {"applyMatches": {"NotAStudentError", "AlreadyLinkedError"}}
"""Of each pair that failed, in `failed`."""


def _mutations() -> list[str]:
    assert schema._schema.mutation_type is not None
    return list(schema._schema.mutation_type.fields)


def _union(mutation: str) -> set[str]:
    assert schema._schema.mutation_type is not None
    payload: object = schema._schema.mutation_type.fields[mutation].type
    while isinstance(payload, GraphQLNonNull | GraphQLList):
        payload = payload.of_type
    errors: object = payload.fields["errors"].type  # type: ignore[attr-defined]
    while isinstance(errors, GraphQLNonNull | GraphQLList):
        errors = errors.of_type
    assert isinstance(errors, GraphQLUnionType)
    return {member.name for member in errors.types}


@pytest.mark.parametrize("mutation", _mutations())
def test_every_problem_that_a_mutation_can_meet_is_in_its_union(mutation: str) -> None:
    """One that is not there would be a masked error to the client."""
    (name,) = (
        name for name in modules("graph/mutations") if name.rpartition(".")[2].replace("_", "") == mutation.lower()
    )
    tree = module(name)
    assert tree is not None
    places = reach(place for place in uses(name, tree) if place[0].startswith("services."))
    met = {place[1] for place in places if place[0] == "domain.problems" and hasattr(problems, place[1])} | ALWAYS
    errors = {NAMES.get(problem, f"{problem}Error") for problem in met if problem != "Problem"}
    assert errors - TOLD_ELSEWHERE.get(mutation, set()) <= _union(mutation)
