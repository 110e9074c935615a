"""Every GraphQL document we send fits Canvas's own schema and its limits (canvas-api §10.2)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Lexer,
    OperationDefinitionNode,
    Source,
    TokenKind,
    build_schema,
    parse,
    validate,
)

import canvas
from canvas.course_groups import SET_PAGES_A_REQUEST, group_pages
from canvas.people import people_document
from canvas.rosters import roster_pages
from sandbox.graphql.limits import broken_limit

HERE = Path(__file__).parent
WHOLE = HERE.parents[1].parent / "shared" / "docs" / "canvas-schema.graphql"


def constants() -> Iterator[tuple[str, str]]:
    """Every document that is a module constant of `canvas`, found by its first word."""
    for module in pkgutil.iter_modules(canvas.__path__):
        for name, value in vars(importlib.import_module(f"canvas.{module.name}")).items():
            if name.isupper() and isinstance(value, str) and value.lstrip().startswith(("query ", "mutation ")):
                yield f"{module.name}.{name}", value


DOCUMENTS = (
    dict(constants())
    | {
        f"{name}({n})": document
        for n in (1, 2, 20)
        for name, document in (
            ("roster_pages", roster_pages(n)),
            ("people_document", people_document(n)),
            ("group_pages members", group_pages(["members"] * n)),
        )
    }
    | {
        "group_pages sets": group_pages(["groups"] * SET_PAGES_A_REQUEST),
        "group_pages both": group_pages(["groups"] * SET_PAGES_A_REQUEST + ["members"] * (20 - SET_PAGES_A_REQUEST)),
    }
)


@pytest.fixture(scope="module")
def slim() -> GraphQLSchema:
    return build_schema((HERE / "canvas.graphql").read_text())


def test_the_constants_are_found() -> None:
    assert set(dict(constants())) == {"rosters.ROSTERS", "course_groups.COURSE_GROUPS"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_valid(slim: GraphQLSchema, name: str) -> None:
    assert validate(slim, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_within_canvas_limits(name: str) -> None:
    document = parse(DOCUMENTS[name])
    lexer = Lexer(Source(DOCUMENTS[name]))
    tokens = 0
    while lexer.advance().kind is not TokenKind.EOF:
        tokens += 1
    assert tokens <= 5000
    assert broken_limit(document, operation(document), {}) is None


def operation(document: DocumentNode) -> OperationDefinitionNode:
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    assert len(found) == 1
    return found[0]


def test_the_slim_schema_agrees_with_canvas(slim: GraphQLSchema) -> None:
    if not WHOLE.exists():
        pytest.skip("Canvas's whole schema is not beside this repository")
    whole = build_schema(WHOLE.read_text(), assume_valid=True)
    compared = 0
    for name, ours in slim.type_map.items():
        theirs = whole.type_map[name]
        assert type(ours) is type(theirs), name
        if isinstance(ours, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in ours.fields.items():
                other = theirs.fields[field_name]  # type: ignore[attr-defined]
                assert str(field.type) == str(other.type), f"{name}.{field_name}"
                for arg_name, arg in getattr(field, "args", {}).items():
                    assert str(arg.type) == str(other.args[arg_name].type), f"{name}.{field_name}({arg_name})"
                compared += 1
        if hasattr(ours, "values"):
            assert set(ours.values) <= set(theirs.values), name  # type: ignore[attr-defined]
    assert compared > 40
