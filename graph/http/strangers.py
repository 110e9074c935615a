"""What nobody may ask where the schema is closed. The text alone decides, so that no refusal tells what there is."""

from __future__ import annotations

from dataclasses import replace

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from graph.refusal import RefusedError, bad_document, sign_in

_TYPENAME = SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))


def as_nobody(document: DocumentNode) -> DocumentNode:
    """What is left of a document for nobody. RefusedError, in the same words whether or not it fits the schema.

    Quirk: nobody's `viewer` is null whatever is asked of it, so what is asked of it is not looked at.
    """
    seen = _Introspection()
    visit(document, seen)
    if seen.found:
        raise bad_document("INTROSPECTION_OFF", GraphQLError("Sign in to read the schema."))
    operations = [node for node in document.definitions if not isinstance(node, FragmentDefinitionNode)]
    if not operations:
        raise closed()
    return replace(document, definitions=tuple(map(_operation, operations)))


def closed() -> RefusedError:
    """The one answer to everything else."""
    return sign_in("Send a bearer token in the Authorization header: the schema is closed.")


def _operation(node: DefinitionNode) -> OperationDefinitionNode:
    if not isinstance(node, OperationDefinitionNode) or node.operation is not OperationType.QUERY or node.directives:
        raise closed()
    selections = tuple(map(_root, node.selection_set.selections))
    return replace(node, variable_definitions=(), selection_set=SelectionSetNode(selections=selections))


def _root(node: SelectionNode) -> FieldNode:
    if not isinstance(node, FieldNode) or node.arguments or node.directives:
        raise closed()
    match node.name.value:
        case "viewer" if node.selection_set is not None:
            return replace(node, selection_set=_TYPENAME)
        case "rateLimit" if node.selection_set is not None and all(map(_plain, node.selection_set.selections)):
            return node
        case "__typename" if node.selection_set is None:
            return node
    raise closed()


def _plain(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and not (node.arguments or node.directives or node.selection_set)


class _Introspection(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found = self.found or node.name.value in {"__schema", "__type"}
