"""A quick walk over an operation whose answer is plain: no error, no introspection, no mutation.

The stand-in is also what benchmarks load, and graphql-core spends ten times as long on a roster. Whatever this walk does not
know raises, and the caller then lets graphql-core answer; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
)

from sandbox.graphql.query import type_name

Reader = Callable[[Any], Any]


class Walk:
    """Compiles selections to closures for one set of variable values."""

    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], variables: Any, context: Any
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._info = SimpleNamespace(context=context)

    def run(self, operation: OperationDefinitionNode) -> dict[str, Any]:
        """The data of a query."""
        root = self._schema.query_type
        if root is None:
            raise LookupError("no query type")
        data: dict[str, Any] = self._object(root, [operation.selection_set])(None)
        return data

    def _object(self, kind: GraphQLObjectType, sets: list[SelectionSetNode]) -> Reader:
        found: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._collect(kind, selections, found)
        readers = [(key, self._field(kind, nodes)) for key, nodes in found.items()]
        return lambda source: {key: read(source) for key, read in readers}

    def _collect(
        self, kind: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]]
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            part = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            if isinstance(part, FragmentDefinitionNode | InlineFragmentNode) and self._fits(kind, part):
                self._collect(kind, part.selection_set, found)

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and (include is None or include["if"])

    def _fits(self, kind: GraphQLObjectType, part: FragmentDefinitionNode | InlineFragmentNode) -> bool:
        wanted = part.type_condition.name.value if part.type_condition else kind.name
        return wanted == kind.name or wanted in {row.name for row in kind.interfaces}

    def _field(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Reader:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _: kind.name
        field = kind.fields[name]
        read = self._reader(name, field, get_argument_values(field, nodes[0], self._variables))
        sets = [node.selection_set for node in nodes if node.selection_set]
        return read if not sets else self._completed(read, field.type, sets)

    def _reader(self, name: str, field: GraphQLField, args: dict[str, Any]) -> Reader:
        resolve, info = field.resolve, self._info
        if resolve is None:
            return attrgetter(name)
        if args:
            return lambda source: resolve(source, info, **args)
        return lambda source: resolve(source, info)

    def _completed(self, read: Reader, kind: Any, sets: list[SelectionSetNode]) -> Reader:
        required = isinstance(kind, GraphQLNonNull)
        finish = self._finisher(kind.of_type if required else kind, sets)

        def complete(source: Any) -> Any:
            value = read(source)
            if value is not None:
                return finish(value)
            if required:
                raise LookupError("null where the schema has none")
            return None

        return complete

    def _finisher(self, kind: Any, sets: list[SelectionSetNode]) -> Reader:
        if isinstance(kind, GraphQLList):
            item = kind.of_type.of_type if isinstance(kind.of_type, GraphQLNonNull) else kind.of_type
            finish = self._finisher(item, sets)
            return lambda rows: [finish(row) for row in rows]
        if isinstance(kind, GraphQLInterfaceType):
            return lambda row: self._object(self._concrete(type_name(row)), sets)(row)
        return self._object(kind, sets)

    def _concrete(self, name: str) -> GraphQLObjectType:
        found = self._schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise TypeError(name)
        return found
