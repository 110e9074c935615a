"""Made-up documents over the whole schema, as every role, with ids of things that exist: nobody meets a fault of ours."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    ArgumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis_graphql import from_schema

from graph.schema import schema
from tests.abuse.checks import EXPECTED, SCALARS
from tests.acceptance.estate import build
from tests.support.served import served

EXAMPLES = int(os.environ.get("HOMEROOM_FUZZ_EXAMPLES", "40"))


class _RealIds(Visitor):
    """Most ids become those of things there are, most page sizes small; the rest stays as it was made up."""

    def __init__(self, ids: list[str], rng: random.Random) -> None:
        super().__init__()
        self._ids = ids
        self._rng = rng

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> OperationDefinitionNode:
        fields = [field for field in node.selection_set.selections if isinstance(field, FieldNode)]
        return replace(node, selection_set=replace(node.selection_set, selections=tuple(fields[:3])))

    def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        return self._changed(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:
        return self._changed(node)

    def _changed(self, node: Any) -> Any:
        name = node.name.value
        if name in {"first", "last"} and isinstance(node.value, IntValueNode):
            return replace(node, value=IntValueNode(value=str(self._rng.randrange(6))))
        if name.lower().endswith("id") and self._rng.random() < 0.8:
            return replace(node, value=self._id())
        if name.lower().endswith("ids") and self._rng.random() < 0.8 and isinstance(node.value, ListValueNode):
            return replace(node, value=ListValueNode(values=(self._id(), self._id())))
        return None

    def _id(self) -> StringValueNode:
        return StringValueNode(value=self._rng.choice(self._ids))


def _documents(number: int, ids: list[str]) -> list[str]:
    """Queries and mutations with at most three root fields each, for the limits are tried elsewhere."""
    made: list[str] = []
    rng = random.Random(number)

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(schema.as_str(), custom_scalars=SCALARS, allow_x00=False))
    def collect(document: str) -> None:
        made.append(print_ast(visit(parse(document), _RealIds(ids, rng))))

    collect()
    return made


ROLES = ["nobody", "student", "officer", "department", "system"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", ROLES)
async def test_no_document_of_any_role_meets_a_fault_of_ours(role: str, database_url: str, redis: str | None) -> None:
    """§4.9. The count at the end: most documents were answered at least in part."""
    async with served(database_url, redis, max_cost=10**6, max_nodes=10**6, budget=10**9) as here:
        estate = await build(here.house)
        viewer = estate.viewers[role]
        answered = 0
        for document in _documents(ROLES.index(role), list(estate.ids.values())):
            answer = await here.ask(document, viewer)
            assert answer.status_code < 500, document
            told = answer.json()
            answered += bool(told.get("data"))
            codes = {error["extensions"]["code"] for error in told.get("errors", [])}
            assert codes <= EXPECTED, (told["errors"], document)
        assert answered > EXAMPLES // 4
