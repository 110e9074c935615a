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
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    print_ast,
    visit,
)

FLAGS = {"on": True, "off": False}


def harder(schema: Any, text: str, seed: int, depth: int = 3) -> str:
    """Rewrite a document so that it asks for the same types in less usual ways. `$on` is true and `$off` false."""
    types = TypeInfo(schema)
    rewriter = _Harder(types, random.Random(seed), depth)
    document = visit(parse(text), TypeInfoVisitor(types, rewriter))
    definitions = [
        _with_flags(definition, rewriter.flags) if isinstance(definition, OperationDefinitionNode) else definition
        for definition in document.definitions
    ]
    return print_ast(DocumentNode(definitions=(*definitions, *rewriter.fragments)))


def variables(text: str) -> dict[str, bool]:
    return {name: value for name, value in FLAGS.items() if f"${name}:" in text}


class _Harder(Visitor):
    def __init__(self, types: TypeInfo, chance: random.Random, depth: int) -> None:
        super().__init__()
        self.types = types
        self.chance = chance
        self.depth = depth
        self.fragments: list[FragmentDefinitionNode] = []
        self.flags: set[str] = set()
        self.grown = 0

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        selections: list[Any] = []
        for selection in node.selections:
            selections.extend(self._changed(selection))
        parent = self.types.get_parent_type()
        if parent is not None and not parent.name.startswith("_"):
            selections.extend(self._grow(parent, self.depth))
            self.chance.shuffle(selections)
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

    def _grow(self, parent: Any, depth: int) -> list[Any]:
        """Ask for more of a type: some of its fields, each under a name of its own."""
        selections: list[Any] = [_field(FieldNode(name=NameNode(value="__typename")), "__typename")]
        fields = list(getattr(parent, "fields", {}).items())
        for name, field in self.chance.sample(fields, min(len(fields), self.chance.randrange(1, 5))):
            below = get_named_type(field.type)
            if is_leaf_type(below) or depth:
                chosen = None if is_leaf_type(below) else _all(self._grow(below, depth - 1))
                selections.append(self._named(name, chosen))
        for possible in self.types._schema.get_possible_types(parent) if is_abstract_type(parent) and depth else ():
            condition = NamedTypeNode(name=NameNode(value=possible.name))
            inner = _all(self._grow(possible, depth - 1))
            selections.append(InlineFragmentNode(type_condition=condition, selection_set=inner, directives=()))
        return selections

    def _named(self, name: str, selection_set: SelectionSetNode | None) -> FieldNode:
        self.grown += 1
        alias, field = NameNode(value=f"g{self.grown}"), NameNode(value=name)
        return FieldNode(alias=alias, name=field, arguments=(), directives=(), selection_set=selection_set)

    def _spread(self, type_name: str, selection: FieldNode) -> FragmentSpreadNode:
        name = NameNode(value=f"F{len(self.fragments)}")
        condition = NamedTypeNode(name=NameNode(value=type_name))
        self.fragments.append(
            FragmentDefinitionNode(name=name, type_condition=condition, selection_set=_set(selection), directives=())
        )
        return FragmentSpreadNode(name=name, directives=())

    def _directive(self) -> DirectiveNode:
        name, flag = self.chance.choice(["skip", "include"]), self.chance.choice(list(FLAGS))
        self.flags.add(flag)
        value = VariableNode(name=NameNode(value=flag))
        return DirectiveNode(
            name=NameNode(value=name), arguments=(ArgumentNode(name=NameNode(value="if"), value=value),)
        )


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


def _all(selections: list[Any]) -> SelectionSetNode:
    return SelectionSetNode(selections=tuple(selections))


def _with_flags(operation: OperationDefinitionNode, used: set[str]) -> OperationDefinitionNode:
    flags = tuple(
        VariableDefinitionNode(
            variable=VariableNode(name=NameNode(value=flag)),
            type=NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="Boolean"))),
            directives=(),
        )
        for flag in sorted(used)
    )
    return OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=flags,
        directives=(),
        selection_set=operation.selection_set,
    )
