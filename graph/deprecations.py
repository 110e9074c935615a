"""What of the schema goes away, when, and which operations still use it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    type_from_ast,
    visit,
)

NOTICE = timedelta(days=90)
_REASON = re.compile(
    r"Use .+ instead\. Deprecated (?P<since>\d{4}-\d\d-\d\d), removed after (?P<last>\d{4}-\d\d-\d\d)\."
)

Element = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue


def last_day(reason: str) -> date | None:
    """Until when a deprecated element stays; None where its reason does not say, or gives clients too little time."""
    said = _REASON.fullmatch(reason)
    if said is None:
        return None
    since, last = (date.fromisoformat(said[part]) for part in ("since", "last"))
    return last if last - since >= NOTICE else None


class Deprecations:
    """The deprecated elements of one schema, by their coordinate: `Type.field`, `Type.field(argument:)`, `Enum.VALUE`."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        found = [(name, element) for name, element in _elements(schema) if element.deprecation_reason is not None]
        self.reasons: dict[str, str] = {name: str(element.deprecation_reason) for name, element in found}
        self._names = {id(element): name for name, element in found}

    def unclear(self) -> list[str]:
        """Those whose reason does not tell clients what to use instead and until when."""
        return [name for name, reason in self.reasons.items() if last_day(reason) is None]

    def used(self, document: DocumentNode) -> frozenset[str]:
        """Those that a valid document names."""
        if not self._names:
            return frozenset()
        info = TypeInfo(self._schema)
        finder = _Finder(info, self._names)
        visit(document, TypeInfoVisitor(info, finder))
        return frozenset(finder.found)

    def given(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> frozenset[str]:
        """Those that the values of an operation's variables hold."""
        if not self._names:
            return frozenset()
        found: set[str] = set()
        left: list[tuple[object, object]] = [
            (get_named_type(type_from_ast(self._schema, one.type)), variables.get(one.variable.name.value))
            for one in operation.variable_definitions or ()
        ]
        while left:
            type_, value = left.pop()
            if isinstance(value, list):
                left += [(type_, one) for one in value]
            elif isinstance(type_, GraphQLEnumType) and isinstance(value, str):
                found |= self._name(type_.values.get(value))
            elif isinstance(type_, GraphQLInputObjectType) and isinstance(value, dict):
                fields = [(type_.fields[key], one) for key, one in value.items() if key in type_.fields]
                found = found.union(*(self._name(field) for field, _ in fields))
                left += [(get_named_type(field.type), one) for field, one in fields]
        return frozenset(found)

    def _name(self, element: Element | None) -> set[str]:
        return {self._names[id(element)]} if id(element) in self._names else set()


class _Finder(Visitor):
    def __init__(self, info: TypeInfo, names: Mapping[int, str]) -> None:
        super().__init__()
        self._info = info
        self._names = names
        self.found: set[str] = set()

    def enter_field(self, *_: object) -> None:
        self._note(self._info.get_field_def())

    def enter_argument(self, *_: object) -> None:
        self._note(self._info.get_argument())

    def enter_object_field(self, node: Any, *_: object) -> None:
        type_ = get_named_type(self._info.get_parent_input_type())
        if isinstance(type_, GraphQLInputObjectType):
            self._note(type_.fields.get(node.name.value))

    def enter_enum_value(self, *_: object) -> None:
        self._note(self._info.get_enum_value())

    def _note(self, element: Element | None) -> None:
        if id(element) in self._names:
            self.found.add(self._names[id(element)])


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, Element]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_.name}.{name}", value) for name, value in type_.values.items())
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{type_.name}.{name}", field) for name, field in type_.fields.items())
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field
                yield from ((f"{type_.name}.{name}({given}:)", argument) for given, argument in field.args.items())
