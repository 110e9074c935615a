"""AC-20: every stored column and every field of the schema is read by somebody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import orjson
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

from db.models import tables
from tests.acceptance.estate import SIDES, build
from tests.acceptance.everything import SDL, selection
from tests.acceptance.mutations import MUTATIONS
from tests.acceptance.test_scope_mutations import OUTPUTS
from tests.acceptance.test_scope_roots import ROOTS
from tests.support.house import House

ROOT = Path(__file__).parents[2]
CODE = ("canvas", "commands", "db", "domain", "graph", "jobs", "loaders", "resolvers", "services")
FOR_OPERATORS = {
    "created_at": "when a row was written: read by people, with their own tools",
    "updated_at": "the same of its last change",
}
"""Columns that no code has to read."""


def names_in_code() -> Iterator[str]:
    """Every name, attribute, keyword and text of our code, the models' own and the migrations' left out."""
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            if path.is_relative_to(ROOT / "db" / "models") or path.is_relative_to(ROOT / "db" / "migrations"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    yield node.attr
                elif isinstance(node, ast.Name):
                    yield node.id
                elif isinstance(node, ast.keyword) and node.arg:
                    yield from node.arg.split("__")
                    yield node.arg
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield from node.value.split("__")
                    yield node.value
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    yield node.target.id


def test_every_column_is_used_by_the_code() -> None:
    used = set(names_in_code())
    dead = [
        f"{model.__name__}.{column}"
        for model in tables()
        for column in model._meta.fields_db_projection
        if column not in used and column.removesuffix("_id") not in used and column not in FOR_OPERATORS
    ]
    assert dead == []


def _errors(_: str, field: str) -> bool:
    return field == "errors"


class _Read(Visitor):
    def __init__(self, info: TypeInfo, found: set[tuple[str, str]]) -> None:
        super().__init__()
        self._info = info
        self._found = found

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        if parent is None:
            return
        self._found.add((parent.name, node.name.value))
        if isinstance(parent, GraphQLInterfaceType | GraphQLUnionType):
            self._found |= {(of.name, node.name.value) for of in SDL.get_possible_types(parent)}


def read_by(document: str, found: set[tuple[str, str]]) -> None:
    info = TypeInfo(SDL)
    visit(parse(document), TypeInfoVisitor(info, _Read(info, found)))


async def test_every_field_of_the_schema_is_read_by_a_test(house: House) -> None:
    """By this one, as a department admin of a whole estate, and (for payloads) by those of the scope matrix."""
    estate = await build(house)
    found: set[tuple[str, str]] = set()
    assert SDL.query_type is not None
    for name in ROOTS:
        named = SDL.query_type.fields[name].type
        while hasattr(named, "of_type"):
            named = named.of_type
        inner = selection(named, DEEP_ROOTS.get(name, 2))
        asked = f"{{ {name}{ROOTS[name][0](estate, SIDES[0])} {{ {inner} }} }}"
        read_by(asked, found)
        result = await house.run(asked, estate.department)
        assert result.errors is None, (name, result.errors)
    for name, depth in DEEP.items():
        asked = (
            f"{{ nodes(ids: {orjson.dumps(list(estate.ids.values())).decode()}) {{ {selection_on(name, depth)} }} }}"
        )
        read_by(asked, found)
        result = await house.run(asked, estate.department)
        assert result.errors is None, (name, result.errors)
    errors = "errors { __typename ... on UserError { message path } }"
    for name in MUTATIONS:
        kind = name[0].upper() + name[1:]
        document = f"mutation M($input: {kind}Input!) {{ {name}(input: $input) {{ {selection(OUTPUTS[name], 2, skip=_errors)} {errors} }} }}"
        read_by(document, found)
    every = {
        (of.name, field)
        for of in SDL.type_map.values()
        if isinstance(of, GraphQLObjectType) and not of.name.startswith("__") and of is not SDL.subscription_type
        for field in of.fields
    }
    assert {of for of in OUTPUTS.values() if of.name not in {name for name, _ in found}} == set()
    assert every - found - BY_NAME == set()


def selection_on(name: str, depth: int) -> str:
    inner = selection(SDL.type_map[name], depth, skip=lambda _, field: field in ("edges", "pageInfo"))
    return f"... on {name} {{ {inner} }}"


DEEP_ROOTS = {"node": 1, "nodes": 1, "matchReport": 3}
DEEP = {"PushPlan": 4, "SyncRun": 2, "NativeEvent": 2}
"""Types whose parts are more than two types away from any root field."""

BY_NAME = {
    ("LoginTakenError", "account"),
    ("AlreadyLinkedError", "other"),
    ("PlanStaleError", "team"),
    ("UpstreamUnavailableError", "provider"),
    ("UpstreamUnavailableError", "retryAfter"),
}
"""Read by tests of the mutations that answer them."""
