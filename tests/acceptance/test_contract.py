"""The schema beside the contract that clients are written against, and the rules every part of it keeps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
)

from tests.acceptance.everything import SDL

CONTRACT = Path(__file__).with_name("contract.graphql")
ALWAYS = ["NotFoundError", "NotAllowedError", "InvalidInputError", "UpstreamUnavailableError"]
MEMBERS = {
    *ALWAYS,
    *("ReadOnlyError", "NameTakenError", "AlreadyLinkedError", "NotAStudentError", "ConflictError"),
    *("UpstreamRejectedError", "PlanExpiredError", "PlanStaleError", "OverrideRequiredError", "DifferentCanvasError"),
}
BEYOND = {"LoginTakenError"}
"""Reasons that the contract does not name."""

CONNECTIONS = [
    *("Program", "Class", "Enrollment", "User", "Team", "CanvasUser", "ProviderLink"),
    *("AuditEntry", "SyncRun", "MatchCandidate"),
]
KIND_OF = {
    GraphQLObjectType: "object",
    GraphQLInterfaceType: "interface",
    GraphQLEnumType: "enum",
    GraphQLScalarType: "scalar",
    GraphQLInputObjectType: "input",
    GraphQLUnionType: "union",
}
NOT_BUILT_YET: set[str] = set()
"""Of the contract, what is still to come. This list only shrinks."""

OURS = {name: of for name, of in SDL.type_map.items() if not name.startswith("__")}


def wanted() -> Iterator[tuple[str, str]]:
    """Every name of the contract with its type as text: `Class.roster`, `Class.roster(first:)`, `Role.STUDENT`, …"""
    for definition in graphql.parse(CONTRACT.read_text()).definitions:
        name = definition.name.value  # type: ignore[attr-defined]
        yield name, definition.kind.partition("_")[0]
        for interface in getattr(definition, "interfaces", ()) or ():
            yield f"{name} implements {interface.name.value}", ""
        for value in getattr(definition, "values", None) or ():
            yield f"{name}.{value.name.value}", ""
        for field in getattr(definition, "fields", None) or ():
            yield f"{name}.{field.name.value}", graphql.print_ast(field.type) + default_of(field)
            for argument in getattr(field, "arguments", None) or ():
                asked = graphql.print_ast(argument.type) + default_of(argument)
                yield f"{name}.{field.name.value}({argument.name.value}:)", asked


def default_of(node: Any) -> str:
    value = getattr(node, "default_value", None)
    return f" = {graphql.print_ast(value)}" if value else ""


def offered() -> Iterator[tuple[str, str]]:
    """The same of the schema."""
    for name, of in OURS.items():
        yield name, next(kind for of_type, kind in KIND_OF.items() if isinstance(of, of_type))
        for interface in getattr(of, "interfaces", ()):
            yield f"{name} implements {interface.name}", ""
        if isinstance(of, GraphQLEnumType):
            yield from ((f"{name}.{value}", "") for value in of.values)
        for field_name, field in getattr(of, "fields", {}).items():
            yield f"{name}.{field_name}", str(field.type) + printed_default(field)
            for argument_name, argument in getattr(field, "args", {}).items():
                yield f"{name}.{field_name}({argument_name}:)", str(argument.type) + printed_default(argument)


def printed_default(of: Any) -> str:
    value = getattr(of, "default_value", None)
    node = None if value is None or value is graphql.Undefined else graphql.ast_from_value(value, of.type)
    return f" = {graphql.print_ast(node)}" if node else ""


def test_everything_of_the_contract_is_there_by_name_argument_and_type() -> None:
    ours = dict(offered())
    wrong = {
        name: f"{kind} wanted, {ours.get(name, 'nothing')} found"
        for name, kind in wanted()
        if name not in NOT_BUILT_YET and ours.get(name) != kind
    }
    assert wrong == {}


def test_what_is_built_is_no_longer_excused() -> None:
    ours = dict(offered())
    assert [name for name, kind in wanted() if name in NOT_BUILT_YET and ours.get(name) == kind] == []


@pytest.mark.parametrize("name", CONNECTIONS)
def test_every_connection_has_the_same_parts(name: str) -> None:
    connection, edge = (OURS[f"{name}{part}"].fields for part in ("Connection", "Edge"))  # type: ignore[attr-defined]
    assert {field: str(of.type) for field, of in connection.items()} == {
        "edges": f"[{name}Edge!]!",
        "nodes": f"[{name}!]!",
        "pageInfo": "PageInfo!",
        "totalCount": "Int",
        "sources": "[SourceStatus!]!",
    }
    assert {field: str(of.type) for field, of in edge.items()} == {"cursor": "String!", "node": f"{name}!"}


def test_the_schema_is_a_valid_one() -> None:
    assert graphql.validate_schema(SDL) == []


def described() -> Iterator[tuple[str, str | None]]:
    for name, of in OURS.items():
        yield name, of.description
        if isinstance(of, GraphQLEnumType):
            yield from ((f"{name}.{value}", found.description) for value, found in of.values.items())
        for field_name, field in getattr(of, "fields", {}).items():
            yield f"{name}.{field_name}", field.description
            arguments = getattr(field, "args", {}).items()
            yield from ((f"{name}.{field_name}({argument}:)", found.description) for argument, found in arguments)


def test_everything_is_described() -> None:
    library = {*graphql.specified_scalar_types}
    assert [name for name, text in described() if name not in library and not (text or "").strip()] == []


def reachable() -> set[str]:
    """The types that a client can meet, an interface's concrete types only where a field or union leads to them."""
    found: set[str] = set()
    waiting: list[Any] = [SDL.query_type, SDL.mutation_type, SDL.subscription_type]
    while waiting:
        of = get_named_type(waiting.pop())
        if of is None or of.name in found:
            continue
        found.add(of.name)
        if isinstance(of, GraphQLUnionType):
            waiting += of.types
        if isinstance(of, GraphQLInterfaceType):
            waiting += SDL.get_possible_types(of)
        for field in getattr(of, "fields", {}).values():
            waiting.append(field.type)
            waiting += [argument.type for argument in getattr(field, "args", {}).values()]
        waiting += getattr(of, "interfaces", ())
    return found


def test_no_type_that_is_written_is_missing_from_the_schema() -> None:
    """Types met only through an interface are easily forgotten: `CONCRETE` in graph/schema.py."""
    definitions = [
        definition
        for module_name, module in tuple(sys.modules.items())
        if module_name.startswith(("graph.types.", "graph.mutations.", "graph.inputs."))
        for of in vars(module).values()
        if (definition := getattr(of, "__strawberry_definition__", None)) is not None
    ]
    written = {definition.name for definition in definitions} - {"Connection", "Edge"}
    assert written - OURS.keys() == set()
    assert OURS.keys() - reachable() - {"String", "Int", "Float", "Boolean", "ID"} == set()


def test_every_interface_has_concrete_types() -> None:
    interfaces = [of for of in OURS.values() if isinstance(of, GraphQLInterfaceType)]
    assert [of.name for of in interfaces if not SDL.get_possible_types(of)] == []


def test_everything_with_an_id_is_a_node_and_can_be_had_by_it() -> None:
    node = SDL.type_map["Node"]
    objects = [of for of in OURS.values() if isinstance(of, GraphQLObjectType)]
    with_id = {of.name for of in objects if "id" in of.fields and str(of.fields["id"].type) == "ID!"}
    assert with_id == {of.name for of in SDL.get_possible_types(node)}  # type: ignore[arg-type]


MUTATIONS = SDL.mutation_type.fields if SDL.mutation_type else {}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_takes_one_input_and_answers_a_payload_with_typed_errors(name: str) -> None:
    field, kind = MUTATIONS[name], name[0].upper() + name[1:]
    assert {argument: str(found.type) for argument, found in field.args.items()} == {"input": f"{kind}Input!"}
    assert str(field.type) == f"{kind}Payload"
    given = get_named_type(field.args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    assert str(given.fields["idempotencyKey"].type) == "String"
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    assert str(payload.fields["errors"].type) == f"[{kind}Error!]!"
    assert [
        str(found.type)
        for part, found in payload.fields.items()
        if part != "errors" and str(found.type).endswith("!") and not str(found.type).startswith("[")
    ] == []
    union = OURS[f"{kind}Error"]
    assert isinstance(union, GraphQLUnionType)
    members = {of.name for of in union.types}
    assert members - MEMBERS - BEYOND == set()
    assert set(ALWAYS) - members == set()
    assert all(SDL.type_map["UserError"] in of.interfaces for of in union.types)


def test_every_kind_of_error_is_a_reason_of_some_mutation() -> None:
    """AC-20: no dead schema."""
    unions = [of for name, of in OURS.items() if isinstance(of, GraphQLUnionType) and name.endswith("Error")]
    assert (MEMBERS | BEYOND) - {of.name for union in unions for of in union.types} == set()


def test_root_fields_are_nullable_so_that_one_that_fails_fails_alone() -> None:
    roots = [SDL.query_type, SDL.mutation_type]
    fields = [(name, field.type) for root in roots if root for name, field in root.fields.items()]
    assert [name for name, type_ in fields if str(type_).endswith("!")] == []
