"""Planners by operation, bounded, kept with the schema they belong to."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from graph.execution.planner import Planner

_OPERATIONS, _OUTCOMES = 512, 8
_KEY = "homeroom.plans"


@dataclass(slots=True)
class _Operation:
    """One operation's planners, by the values of the variables that decide which fields it has."""

    node: OperationDefinitionNode
    deciding: tuple[str, ...]
    plannable: bool
    planners: dict[tuple[object, ...], Planner] = field(default_factory=dict)


class Plans:
    """The operations seen last. Holding the node keeps its identity from being used again."""

    def __init__(self, bound: int = _OPERATIONS) -> None:
        self._operations: OrderedDict[int, _Operation] = OrderedDict()
        self._bound = bound

    def __len__(self) -> int:
        return len(self._operations)

    def planner(
        self,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> Planner | None:
        """Answer the planner for this outcome of `@skip` and `@include`; None for `@defer` and `@stream`."""
        known = self._operations.get(id(operation))
        if known is None:
            known = self._operations[id(operation)] = _read(operation, fragments)
            if len(self._operations) > self._bound:
                self._operations.popitem(last=False)
        else:
            self._operations.move_to_end(id(operation))
        if not known.plannable:
            return None
        outcome = tuple(variables.coerced.get(name) for name in known.deciding)
        planner = known.planners.get(outcome)
        if planner is None:
            if len(known.planners) >= _OUTCOMES:
                known.planners.clear()
            planner = known.planners[outcome] = Planner()
        return planner


def plans_of(schema: GraphQLSchema) -> Plans:
    plans = schema.extensions.get(_KEY)
    if not isinstance(plans, Plans):
        plans = schema.extensions[_KEY] = Plans()
    return plans


class _Directives(Visitor):
    """Collects the variables of `@skip` and `@include`, and whether the answer would come in parts."""

    def __init__(self) -> None:
        super().__init__()
        self.deciding: dict[str, None] = {}
        self.plannable = True

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("defer", "stream", "experimental_disableErrorPropagation"):
            self.plannable = False
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.deciding[argument.value.name.value] = None


def _read(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> _Operation:
    found = _Directives()
    visit(DocumentNode(definitions=(operation, *fragments.values())), found)
    if any(fragment.variable_definitions for fragment in fragments.values()):
        found.plannable = False
    return _Operation(operation, tuple(found.deciding), found.plannable)
