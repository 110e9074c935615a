"""Issue 7: an operation that is executed again answers as it did the first time, and shares nothing between requests."""

from __future__ import annotations

import gc
import weakref
from inspect import isawaitable
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode, get_introspection_query, parse

from graph.execution.executor import ListExecutor
from graph.execution.prepared import Prepared

Asked = strawberry.Info[Any, None]


class Context:
    def __init__(self, name: str) -> None:
        self.name = name


@strawberry.input
class Wish:
    words: list[str]


@strawberry.type
class Query:
    @strawberry.field
    async def name(self, info: Asked) -> str:
        if info.context.name == "nobody":
            raise ValueError("Nobody has no name.")
        return str(info.context.name)

    @strawberry.field
    def echo(self, info: Asked, wish: Wish) -> list[str]:
        wish.words.append(info.context.name)
        return wish.words

    @strawberry.field
    def root(self, info: Asked) -> int | None:
        return info.root_value  # type: ignore[no-any-return]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: Asked, to: str) -> str:
        return f"{info.context.name} is {to}"


SCHEMAS = [strawberry.Schema(Query, Mutation, execution_context_class=executor) for executor in (ListExecutor, None)]


def prepared(text: str, schema: strawberry.Schema = SCHEMAS[0], *, hints: bool = True) -> Prepared:
    document: DocumentNode = parse(text)
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return Prepared(schema, document, node, hints=hints)


async def run(operation: Prepared, name: str = "Ada", root: object = None, **variables: Any) -> ExecutionResult:
    result = operation.execute(variables, Context(name), root)
    return await result if isawaitable(result) else result


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_each_request_has_its_own_context_root_and_variables(schema: strawberry.Schema) -> None:
    ask = prepared("query($words: [String!]!) { name echo(wish: {words: $words}) root }", schema)
    for name, root, words in (("Ada", 1, ["a"]), ("Bo", None, ["b", "c"]), ("Ada", 2, ["a"])):
        found = await run(ask, name, root, words=words)
        assert (found.data, found.errors) == ({"name": name, "echo": [*words, name], "root": root}, None)


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_literals_are_read_anew_for_each_request(schema: strawberry.Schema) -> None:
    ask = prepared('{ echo(wish: {words: ["a"]}) }', schema)
    assert [(await run(ask, name)).data for name in "xy"] == [{"echo": ["a", "x"]}, {"echo": ["a", "y"]}]


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_an_error_is_that_of_its_request(schema: strawberry.Schema) -> None:
    ask = prepared("{ root name }", schema)
    for name, told in (("nobody", 1), ("Ada", 0), ("nobody", 1)):
        found = await run(ask, name)
        assert len(found.errors or ()) == told
        assert (found.data is None) == bool(told)


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("hints", [True, False])
async def test_wrong_variables_are_told_first_and_later(schema: strawberry.Schema, hints: bool) -> None:
    ask = prepared("query($wish: Wish!) { echo(wish: $wish) }", schema, hints=hints)
    for _ in range(2):
        wrong = await run(ask, wish={"wrods": [], "words": []})
        assert wrong.data is None
        assert ["Did you mean 'words'" in error.message for error in wrong.errors or ()] == [hints]
        assert (await run(ask, wish={"words": []})).data == {"echo": ["Ada"]}


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_mutations_are_executed_again_too(schema: strawberry.Schema) -> None:
    ask = prepared("mutation($to: String!) { one: rename(to: $to) two: rename(to: $to) }", schema)
    for to in ("Bo", "Cy"):
        assert (await run(ask, to=to)).data == {"one": f"Ada is {to}", "two": f"Ada is {to}"}


async def test_introspection_is_answered_as_the_library_does() -> None:
    ours, theirs = [await run(prepared(get_introspection_query(), schema)) for schema in SCHEMAS]
    assert ours.errors is None
    assert ours.data == theirs.data


async def test_no_request_is_kept() -> None:
    ask, context = prepared("{ name }"), Context("Ada")
    gone = weakref.ref(context)
    result = ask.execute({}, context, None)
    assert isawaitable(result)
    await result
    del context, result
    gc.collect()
    assert gone() is None
