"""How deep and how wide a document is, fragments unfolded. Fragments are measured once each, so a bomb costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    visit,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one operation; `directives` is the document's."""

    depth: int
    aliases: int
    root_fields: int
    directives: int


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0


def shape_of(document: DocumentNode, operation: OperationDefinitionNode) -> Shape:
    """Measure one operation of a valid document (fragments exist and do not go in circles)."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    size = _Measure(fragments).selection_set(operation.selection_set)
    return Shape(size.depth, size.aliases, size.fields, directives_of(document))


def directives_of(document: DocumentNode) -> int:
    """All directives written in the document, used or not."""
    counter = _Directives()
    visit(document, counter)
    return counter.count


class _Directives(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def enter_directive(self, _node: DirectiveNode, *_: object) -> None:
        self.count += 1


class _Measure:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Size] = {}

    def selection_set(self, selections: SelectionSetNode) -> _Size:
        """`fields` counts the fields directly in it, those of its fragments included."""
        sizes = [self._selection(selection) for selection in selections.selections]
        return _Size(
            max((size.depth for size in sizes), default=0),
            sum(size.aliases for size in sizes),
            sum(size.fields for size in sizes),
        )

    def _selection(self, node: SelectionNode) -> _Size:
        if isinstance(node, FieldNode):
            return self._field(node)
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in self._known:
                self._known[name] = self.selection_set(self._fragments[name].selection_set)
            return self._known[name]
        return self.selection_set(next(_sets(node)))

    def _field(self, node: FieldNode) -> _Size:
        aliases = 0 if node.alias is None else 1
        if node.selection_set is None or node.name.value in {"__schema", "__type"}:
            return _Size(1, aliases, 1)
        inner = self.selection_set(node.selection_set)
        return _Size(inner.depth + 1, inner.aliases + aliases, 1)


def _sets(node: Node) -> Iterator[SelectionSetNode]:
    inner = getattr(node, "selection_set", None)
    if isinstance(inner, SelectionSetNode):
        yield inner
