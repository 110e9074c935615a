"""From a document to its priced fields."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from graph.limits.cost import Bound, CostField, CostPlan
from graph.limits.weights import MUTATION, Weights

MOST_FIELDS = 10_000
_INTROSPECTION = {"__schema": 500, "__type": 20}
_PAGED = frozenset({"first", "ids"})


class TooManyFieldsError(Exception):
    """Fragments that unfold without end in sight."""


def plan_cost(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, weights: Weights
) -> CostPlan:
    """Price one operation of a valid document."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return CostPlan(())
    return CostPlan(_Planner(schema, document, operation, weights).fields(root, [operation.selection_set]))


class _Planner:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, weights: Weights
    ) -> None:
        self._schema = schema
        self._weights = weights
        self._left = MOST_FIELDS
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._defaults = {v.variable.name.value: v.default_value for v in operation.variable_definitions or ()}

    def fields(self, parent: GraphQLCompositeType, sets: list[SelectionSetNode]) -> tuple[CostField, ...]:
        grouped: dict[tuple[str, str], tuple[GraphQLCompositeType, list[FieldNode]]] = {}
        for owner, node in self._collect(parent, sets, set()):
            key = (node.alias or node.name).value
            grouped.setdefault((key, owner.name), (owner, []))[1].append(node)
        priced = (self._field(key, owner, nodes) for (key, _), (owner, nodes) in grouped.items())
        return tuple(item for item in priced if item is not None)

    def _collect(
        self, owner: GraphQLCompositeType, sets: list[SelectionSetNode], seen: set[str]
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode]]:
        for node in (selection for one in sets for selection in one.selections):
            self._left -= 1
            if self._left < 0:
                raise TooManyFieldsError
            if isinstance(node, FieldNode):
                yield owner, node
            elif isinstance(node, InlineFragmentNode):
                name = node.type_condition and node.type_condition.name.value
                yield from self._collect(self._type(name) if name else owner, [node.selection_set], seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments[node.name.value]
                yield from self._collect(self._type(fragment.type_condition.name.value), [fragment.selection_set], seen)

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.type_map[name]
        assert is_composite_type(found)  # noqa: S101  validation has seen to it; this tells mypy
        return found

    def _field(self, key: str, owner: GraphQLCompositeType, nodes: list[FieldNode]) -> CostField | None:
        name = nodes[0].name.value
        if name in _INTROSPECTION:
            return CostField(key, _INTROSPECTION[name])
        declared = getattr(owner, "fields", {}).get(name)
        named = None if declared is None else get_named_type(declared.type)
        extra = MUTATION if owner is self._schema.mutation_type else 0
        if declared is None or not is_composite_type(named):
            points = extra + self._weights.point(owner, name, 0)
            return CostField(key, points) if points else None
        frame = self._weights.is_frame(named.name)
        inner = [node.selection_set for node in nodes if node.selection_set is not None]
        return CostField(
            key=key,
            points=extra + self._weights.point(owner, name, 0 if frame else 1),
            counts=not frame and not named.name.endswith("Connection"),
            listed=_is_list(declared),
            wraps=name in {"edges", "nodes"},
            size=self._weights.size(owner, name),
            bound=self._bound(declared, nodes[0]),
            children=self.fields(named, inner),
        )

    def _bound(self, declared: GraphQLField, node: FieldNode) -> Bound | None:
        argument = next((name for name in declared.args if name in _PAGED), None)
        if argument is None:
            return None
        default = declared.args[argument].default_value
        fallback = default if isinstance(default, int) else None
        value = next((given.value for given in node.arguments or () if given.name.value == argument), None)
        if isinstance(value, VariableNode):
            name = value.name.value
            literal = self._defaults.get(name)
            return Bound(argument, int(literal.value) if isinstance(literal, IntValueNode) else fallback, name)
        if isinstance(value, ListValueNode):
            return Bound(argument, len(value.values))
        return Bound(argument, int(value.value) if isinstance(value, IntValueNode) else fallback)


def _is_list(declared: GraphQLField) -> bool:
    type_ = declared.type
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)
