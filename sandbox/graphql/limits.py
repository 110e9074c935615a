"""Canvas's limits on a GraphQL document: depth, complexity, aliases, directives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)

from sandbox.graphql.context import DEFAULT_PAGE

MAX_TOKENS = 5000
MAX_DEPTH = 15
MAX_COMPLEXITY = 375_000
MAX_ALIASES = 20
MAX_DIRECTIVES = 5
COUNTS = {"total", "totalCount", "count"}


class Weighing:
    """Measures one operation the way graphql-ruby does."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        definitions = document.definitions
        self._fragments = {row.name.value: row for row in definitions if isinstance(row, FragmentDefinitionNode)}
        self._variables = variables

    def depth(self, node: OperationDefinitionNode | FieldNode) -> int:
        """How many fields lie under one another."""
        return max((1 + self.depth(field) for field in self._fields(node.selection_set)), default=0)

    def complexity(self, node: OperationDefinitionNode | FieldNode) -> int:
        """One a field; what lies under a connection's rows counts once a row of the asked page size."""
        fields = list(self._fields(node.selection_set))
        inner = sum(1 + self.complexity(field) for field in fields)
        if not isinstance(node, FieldNode) or not _is_connection(fields):
            return inner
        info = next((field for field in fields if field.name.value == "pageInfo"), None)
        fixed = 1 + len(list(self._fields(info.selection_set))) if info else 0
        fixed += any(field.name.value in COUNTS for field in fields)
        rows = sum(name in {field.name.value for field in fields} for name in ("nodes", "edges"))
        return self._page_size(node) * (inner - fixed - rows) + fixed + rows

    def _page_size(self, node: FieldNode) -> int:
        sizes = [self._int(arg.value) for arg in node.arguments or () if arg.name.value in {"first", "last"}]
        return max((size for size in sizes if size is not None), default=DEFAULT_PAGE)

    def _int(self, node: Any) -> int | None:
        if isinstance(node, IntValueNode):
            return int(node.value)
        value = self._variables.get(node.name.value) if isinstance(node, VariableNode) else None
        return value if isinstance(value, int) else None

    def _fields(self, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self._fragments[node.name.value].selection_set)


def _is_connection(fields: list[FieldNode]) -> bool:
    return any(field.name.value in {"nodes", "edges"} for field in fields)


class _Tally(Visitor):
    """Counts aliases and directives."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases = 0
        self.directives = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.aliases += node.alias is not None

    def enter_directive(self, *_: Any) -> None:
        self.directives += 1


def broken_limit(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> str | None:
    """Canvas's message for the first limit an operation breaks."""
    tally = _Tally()
    visit(document, tally)
    if tally.aliases > MAX_ALIASES:
        return "max query aliases exceeded"
    if tally.directives > MAX_DIRECTIVES:
        return "max query directives exceeded"
    weighing = Weighing(document, variables)
    depth = weighing.depth(operation)
    if depth > MAX_DEPTH:
        return f"Query has depth of {depth}, which exceeds max depth of {MAX_DEPTH}"
    complexity = weighing.complexity(operation)
    if complexity > MAX_COMPLEXITY:
        return f"Query has complexity of {complexity}, which exceeds max complexity of {MAX_COMPLEXITY}"
    return None
