"""A text that no database keeps is refused by name, wherever the schema takes a text: never a masked error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
    is_required_input_field,
)

from db.models import User
from domain.enums import Role
from domain.errors import BadInputError, DomainError
from graph.ids import encode_text
from sandbox.world import World
from tests import factories
from tests.acceptance.everything import SDL
from tests.support.house import House
from tests.support.mutations import ask

ODD = ["a\0b", "a\ud800b"]
PLAIN: dict[str, Any] = {
    "String": "text",
    "ID": "Rm9v",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Date": "2026-03-02",
    "DateTime": "2026-03-02T15:00:00Z",
    "Duration": "PT1H",
    "TimeZone": "UTC",
    "URL": "https://canvas.example.org",
}
TEXTS = ("String", "ID")
BY_ROW = {("importUsers", "csv"), ("importUsers", "people")}
"""Told in the report, with the row."""


def plain(type_: GraphQLInputType) -> Any:
    """A value of a type, with no more than it needs."""
    bare = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        return [plain(bare.of_type)]
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    if isinstance(bare, GraphQLInputObjectType):
        return {name: plain(field.type) for name, field in bare.fields.items() if is_required_input_field(field)}
    return PLAIN[bare.name]


def odd_ones(type_: GraphQLInputType, odd: str) -> Iterator[tuple[list[str], Any]]:
    """Each text in a value of a type, with the value in which it alone is odd."""
    bare = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        yield from ((path, [value]) for path, value in odd_ones(bare.of_type, odd))
    elif isinstance(bare, GraphQLInputObjectType):
        for name, field in bare.fields.items():
            yield from (([name, *path], {**plain(bare), name: value}) for path, value in odd_ones(field.type, odd))
    elif getattr(bare, "name", None) in TEXTS:
        yield [], odd


@pytest.fixture
async def admin(house: House) -> User:
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


def root_questions(text: str) -> Iterator[tuple[str, list[str], str, dict[str, Any]]]:
    """Every query with the text in one place: its name, the place, the document and its variables."""
    assert SDL.query_type is not None
    for name, field in SDL.query_type.fields.items():
        needed = {arg: plain(of.type) for arg, of in field.args.items() if isinstance(of.type, GraphQLNonNull)}
        inner = "{ __typename }" if hasattr(get_named_type(field.type), "fields") else ""
        for argument, of in field.args.items():
            for path, value in odd_ones(of.type, text):
                given = {**needed, argument: value}
                declared = ", ".join(f"${arg}: {field.args[arg].type}" for arg in given)
                passed = ", ".join(f"{arg}: ${arg}" for arg in given)
                yield name, [argument, *path], f"query({declared}) {{ {name}({passed}) {inner} }}", given


def inputs(text: str) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """The same of every mutation: its name, the place and its input."""
    assert SDL.mutation_type is not None
    for name, field in SDL.mutation_type.fields.items():
        yield from ((name, path, given) for path, given in odd_ones(field.args["input"].type, text))


@pytest.mark.parametrize("odd", ODD, ids=["null character", "half a surrogate pair"])
async def test_every_argument_of_a_query_refuses_it(house: House, admin: User, odd: str) -> None:
    questions = list(root_questions(odd))
    assert len(questions) > 30
    for name, path, document, given in questions:
        result = await house.run(document, admin, **given)
        (error,) = result.errors or []
        assert isinstance(error.original_error, BadInputError), (name, path)
        assert list(error.original_error.path) == path, name


@pytest.mark.parametrize("odd", ODD, ids=["null character", "half a surrogate pair"])
async def test_every_field_of_a_mutations_input_refuses_it(house: House, admin: User, odd: str) -> None:
    asked = list(inputs(odd))
    assert len(asked) > 200
    for name, path, given in asked:
        reply = await ask(house, admin, name, "__typename", **given)
        assert reply.codes == ["InvalidInputError"], (name, path)
        if (name, path[0]) not in BY_ROW:
            assert reply.paths == [path], name


async def test_fields_below_the_root_refuse_it_too(house: House, admin: User) -> None:
    await factories.provider()
    await factories.program()
    below = """query($t: String) {
        providers { links(search: $t) { totalCount } canvasUsers(filter: {search: $t}) { totalCount } }
        programs { nodes { classes(filter: {search: $t}) { totalCount } } }
        users { nodes { enrollments(after: $t) { totalCount } } } }"""
    result = await house.run(below, admin, t="a\0b")
    paths = sorted(getattr(error.original_error, "path", ()) for error in result.errors or [])
    assert set(paths) == {("after",), ("filter", "search"), ("search",)}


LONG = [
    "x" * 5_000,
    encode_text("CanvasClass:1:" + "9" * 3_000),
    encode_text("CanvasClass:1:" + "9" * 70),
    encode_text("CanvasEnrollment:1:" + "9" * 90 + ":" + "8" * 90),
    encode_text("User:native:" + "9" * 4_400),
]


@pytest.mark.parametrize("text", LONG, ids=["text", "class", "course", "enrolment", "person"])
async def test_no_text_is_too_long_for_a_plain_answer(house: House, admin: User, text: str) -> None:
    """The database's own refusal of a value that no column holds must not become a fault of ours."""
    await house.canvas(World())
    for name, path, document, given in root_questions(text):
        result = await house.run(document, admin, **given)
        assert [error for error in result.errors or [] if not is_plain(error)] == [], (name, path)
    for name, path, given in inputs(text):
        result = await house.run(document_of(name), admin, input=given)
        assert result.errors is None, (name, path)


def document_of(mutation: str) -> str:
    kind = mutation[0].upper() + mutation[1:]
    return f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ __typename }} }}"


def is_plain(error: GraphQLError) -> bool:
    return error.original_error is None or isinstance(error.original_error, DomainError | GraphQLError)
