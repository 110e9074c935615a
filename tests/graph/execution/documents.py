"""Documents from hypothesis-graphql, made harder: aliases, merged fields, fragments, directives and variables."""

from __future__ import annotations

import random
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

FLAGS = ("on", "off")


def harder(schema: Any, text: str, seed: int) -> str:
    """Rewrite a document so that it asks for the same types in less usual ways. `$on` is true and `$off` false."""
    types = TypeInfo(schema)
    rewriter = _Harder(types, random.Random(seed))
    document = visit(parse(text), TypeInfoVisitor(types, rewriter))
    definitions = [
        _with_flags(definition) if isinstance(definition, OperationDefinitionNode) else definition
        for definition in document.definitions
    ]
    return print_ast(DocumentNode(definitions=(*definitions, *rewriter.fragments)))


class _Harder(Visitor):
    def __init__(self, types: TypeInfo, chance: random.Random) -> None:
        super().__init__()
        self.types = types
        self.chance = chance
        self.fragments: list[FragmentDefinitionNode] = []

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        selections: list[Any] = []
        for selection in node.selections:
            selections.extend(self._changed(selection))
        return SelectionSetNode(selections=tuple(selections))

    def _changed(self, selection: Any) -> list[Any]:
        roll = self.chance.random()
        if not isinstance(selection, FieldNode) or roll > 0.5:
            return [selection]
        if roll < 0.1:
            return [selection, selection]
        if roll < 0.2:
            return [_field(selection, f"a{self.chance.randrange(10**9)}"), selection, _field(selection, "__typename")]
        if roll < 0.35:
            return [selection, InlineFragmentNode(directives=(self._directive(),), selection_set=_set(selection))]
        parent = self.types.get_parent_type()
        if roll < 0.45 and parent is not None and not parent.name.startswith("_"):
            return [self._spread(parent.name, selection)]
        return [_field(selection, f"d{self.chance.randrange(10**9)}", self._directive()), selection]

    def _spread(self, type_name: str, selection: FieldNode) -> FragmentSpreadNode:
        name = NameNode(value=f"F{len(self.fragments)}")
        condition = NamedTypeNode(name=NameNode(value=type_name))
        self.fragments.append(
            FragmentDefinitionNode(name=name, type_condition=condition, selection_set=_set(selection), directives=())
        )
        return FragmentSpreadNode(name=name, directives=())

    def _directive(self) -> DirectiveNode:
        name, flag = self.chance.choice(["skip", "include"]), self.chance.choice(FLAGS)
        value = VariableNode(name=NameNode(value=flag))
        return DirectiveNode(name=NameNode(value=name), arguments=(ArgumentNode(name=NameNode(value="if"), value=value),))


def _field(node: FieldNode, alias: str, *directives: DirectiveNode) -> FieldNode:
    if alias == "__typename":
        return FieldNode(name=NameNode(value=alias), arguments=(), directives=())
    return FieldNode(
        alias=NameNode(value=alias),
        name=node.name,
        arguments=node.arguments,
        directives=(*(node.directives or ()), *directives),
        selection_set=node.selection_set,
    )


def _set(selection: FieldNode) -> SelectionSetNode:
    return SelectionSetNode(selections=(selection,))


def _with_flags(operation: OperationDefinitionNode) -> OperationDefinitionNode:
    flags = tuple(
        VariableDefinitionNode(
            variable=VariableNode(name=NameNode(value=flag)),
            type=NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="Boolean"))),
            directives=(),
        )
        for flag in FLAGS
    )
    return OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=flags,
        directives=(),
        selection_set=operation.selection_set,
    )
