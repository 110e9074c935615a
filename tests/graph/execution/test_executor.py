"""Issue 7, part 1: what the list-at-a-time executor does with a document, seen from its resolvers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
import strawberry
from graphql import parse
from strawberry.extensions import ParserCache, SchemaExtension
from strawberry.types.info import Info

from graph.execution.batching import Answers, batched
from graph.execution.cache import Plans, plans_of
from graph.execution.executor import ListExecutor
from graph.execution.explain import explain


@dataclass
class Context:
    calls: list[str] = field(default_factory=list)
    running: int = 0
    together: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)


Asked = Info[Context, None]


async def called(info: Asked, name: str, parents: Sequence[Thing]) -> None:
    context = info.context
    context.calls.append(f"{name} {[int(parent.id) for parent in parents]}")
    context.running += 1
    context.started.set()
    context.together = max(context.together, context.running)
    await asyncio.sleep(0.001)
    context.running -= 1


@strawberry.interface
class Thing:
    id: strawberry.ID
    name: str | None

    @batched(description="How many.")
    @staticmethod
    async def count(parents: Sequence[Thing], info: Asked, least: int = 0, most: int = 9) -> Answers[int]:
        await called(info, f"count {least}-{most}", parents)
        return [ValueError("uncountable") if parent.name == "bad" else int(parent.id) for parent in parents]

    @batched()
    @staticmethod
    async def owner(parents: Sequence[Thing], info: Asked) -> Answers[Person | None]:
        await called(info, "owner", parents)
        return [None if parent.id == "2" else Person(id=parent.id, name="Ada") for parent in parents]


@strawberry.type
class Person(Thing):
    @batched()
    @staticmethod
    async def home(parents: Sequence[Person], info: Asked) -> Answers[Place | None]:
        await called(info, "home", parents)
        return [Place(id=parent.id, name="home") for parent in parents]


@strawberry.type
class Place(Thing):
    pass


Found = Annotated[Person | Place, strawberry.union("Found")]


@strawberry.type
class Query:
    @strawberry.field
    async def things(self, info: Asked, count: int = 4) -> list[Thing]:
        info.context.calls.append("things")
        return [
            (Person if number % 2 else Place)(id=strawberry.ID(str(number)), name=f"n{number}")
            for number in range(count)
        ]

    @strawberry.field
    async def people(self, names: list[str]) -> list[Person | None]:
        return [Person(id=strawberry.ID(str(number)), name=name) for number, name in enumerate(names)]

    @strawberry.field
    def found(self) -> list[Found]:
        return [Person(id=strawberry.ID("1"), name="p"), Place(id=strawberry.ID("2"), name="q")]


def made(*extensions: Any) -> strawberry.Schema:
    return strawberry.Schema(Query, execution_context_class=ListExecutor, extensions=extensions)


SCHEMA = made()


async def ask(document: str, context: Context, schema: strawberry.Schema = SCHEMA, **variables: Any) -> Any:
    result = await schema.execute(document, variables, context_value=context)
    assert result.errors is None
    return result.data


async def test_a_batched_field_costs_one_call_for_a_list_of_several_types() -> None:
    context = Context()
    data = await ask("{ things { __typename owner { name } } }", context)
    assert context.calls == ["things", "owner [0, 2, 1, 3]"]
    assert data["things"][1:3] == [
        {"__typename": "Person", "owner": {"name": "Ada"}},
        {"__typename": "Place", "owner": None},
    ]


async def test_batched_fields_of_one_list_run_together() -> None:
    context = Context()
    await ask('{ people(names: ["a"]) { count owner { id } home { id } } }', context)
    assert sorted(context.calls) == ["count 0-9 [0]", "home [0]", "owner [0]"]
    assert context.together == 3


async def test_branches_with_equal_arguments_meet_in_one_call() -> None:
    context = Context()
    document = '{ a: people(names: ["x"]) { count } b: found { ... on Thing { count other: count(most: 3) } } }'
    await ask(document, context)
    assert sorted(context.calls) == ["count 0-3 [1, 2]", "count 0-9 [0, 1, 2]"]


async def test_each_level_costs_one_call_of_its_own() -> None:
    context = Context()
    await ask("{ things { owner { home { owner { id } } } } }", context)
    assert context.calls == ["things", "owner [0, 2, 1, 3]", "home [0, 1, 3]", "owner [0, 1, 3]"]


async def test_arguments_come_from_variables_and_defaults() -> None:
    context = Context()
    document = (
        "query($least: Int! = 1, $most: Int! = 2) { found { ... on Thing { count(least: $least, most: $most) } } }"
    )
    await ask(document, context, least=5)
    await ask(document, context)
    assert context.calls == ["count 5-2 [1, 2]", "count 1-2 [1, 2]"]


async def test_an_error_that_may_not_be_null_costs_the_nearest_value_that_may() -> None:
    document = '{ people(names: ["a", "bad", "c"]) { count } }'
    result = await SCHEMA.execute(document, context_value=Context())
    assert result.data == {"people": [{"count": 0}, None, {"count": 2}]}
    assert result.errors is not None
    assert [(error.message, error.path) for error in result.errors] == [("uncountable", ["people", 1, "count"])]


async def test_an_error_that_nothing_can_hold_costs_the_whole_answer() -> None:
    result = await SCHEMA.execute("{ found { ... on Thing { id count(least: 1) } } }", context_value=None)
    assert result.data is None
    assert result.errors is not None
    assert [error.path for error in result.errors] == [["found", 0, "count"]]


async def test_what_an_error_has_nulled_is_not_asked_for_further() -> None:
    context = Context()
    document = '{ people(names: ["a", "bad"]) { count owner { slow: home { id } later: home { owner { id } } } } }'
    result = await SCHEMA.execute(document, context_value=context)
    assert result.data is not None
    assert result.data["people"][1] is None
    assert [call for call in context.calls if call.startswith("owner")] == ["owner [0, 1]", "owner [0]"]


async def test_skipped_fields_follow_the_variables_of_each_request() -> None:
    context = Context()
    document = "query($with: Boolean!) { found { __typename ... on Thing { id @skip(if: $with) ...More @include(if: $with) } } } fragment More on Thing { count }"
    schema = made(ParserCache)
    for wanted in (True, False, True):
        data = await ask(document, context, schema, **{"with": wanted})
        assert [set(found) for found in data["found"]] == [{"__typename", "count" if wanted else "id"}] * 2
    assert context.calls == ["count 0-9 [1, 2]", "count 0-9 [1, 2]"]
    assert len(plans_of(schema._schema)) == 1


async def test_an_extension_around_every_field_sees_every_field() -> None:
    seen: list[str] = []

    class Watch(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: str, **kwargs: Any) -> Any:
            seen.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    await ask("{ found { ... on Thing { name } } }", Context(), made(Watch))
    assert seen == ["found", "name", "name"]


def test_plans_are_bounded() -> None:
    plans = Plans(bound=3)
    executor = ListExecutor.build(SCHEMA._schema, parse("{ found { __typename } }"), context_value=None)
    assert isinstance(executor, ListExecutor)
    for _ in range(5):
        operation: Any = parse("{ found { __typename } }").definitions[0]
        assert plans.planner(operation, {}, executor.variable_values) is not None
    assert len(plans) == 3


def test_a_document_is_answered_without_a_loop() -> None:
    result = SCHEMA.execute_sync("{ found { ... on Thing { name } } }")
    assert result.data == {"found": [{"name": "p"}, {"name": "q"}]}


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    context = Context()
    task = asyncio.create_task(SCHEMA.execute("{ things { owner { home { id } } } }", context_value=context))
    await context.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.01)
    assert context.calls == ["things", "owner [0, 2, 1, 3]"]
    assert context.running == 0


def test_explain_says_how_each_field_gets_its_value() -> None:
    told = explain(SCHEMA._schema, "{ found { __typename ... on Person { name owner { id } } } }", code=True)
    plan, code = told.split("\n\n", 1)
    module = __name__
    assert plan.splitlines() == [
        "Query",
        "  found: resolver",
        "    Person",
        "      __typename: type name",
        "      name: attribute",
        f"      owner: one call, {module}.Thing.owner",
        "        Person",
        "          id: attribute",
        "    Place",
        "      __typename: type name",
    ]
    assert code.startswith("# Person\ndef build(source, place, frame):\n    try:\n        v1 = source.name\n")


def test_explain_refuses_a_document_that_is_not_valid() -> None:
    with pytest.raises(ValueError, match="Cannot query field 'nothing'"):
        explain(SCHEMA._schema, "{ nothing }")
    with pytest.raises(ValueError, match="Variable '\\$x'"):
        explain(SCHEMA._schema, "query($x: Int!) { things(count: $x) { id } }")


@strawberry.type
class Odd:
    """Values that are no lists."""

    @strawberry.field
    async def stream(self) -> list[Place]:
        return stream()  # type: ignore[return-value]

    @strawberry.field
    def generated(self) -> list[Place]:
        return generated()  # type: ignore[return-value]


async def stream() -> AsyncIterator[Place]:
    for number in range(2):
        yield Place(id=strawberry.ID(str(number)), name="s")


def generated() -> Iterator[Place]:
    yield Place(id=strawberry.ID("1"), name="g")


async def test_streams_and_generators_are_listed() -> None:
    schema = strawberry.Schema(Odd, execution_context_class=ListExecutor)
    data = await ask("{ stream { id count } generated { name count } }", Context(), schema)
    assert data == {
        "stream": [{"id": "0", "count": 0}, {"id": "1", "count": 1}],
        "generated": [{"name": "g", "count": 1}],
    }


@strawberry.type
class Mixed:
    @strawberry.field
    async def runs(self) -> list[Thing | None]:
        kinds = [Person, Person, None, Place, Place, Person]
        return [kind(id=strawberry.ID(str(n)), name=f"n{n}") if kind else None for n, kind in enumerate(kinds)]

    @strawberry.field
    async def wrong(self) -> list[Person | None]:
        names: list[Any] = ["a", 7, {}, "d"]
        return [Person(id=strawberry.ID(str(n)), name=name) for n, name in enumerate(names)]


MIXED = strawberry.Schema(Mixed, execution_context_class=ListExecutor)


async def test_rows_of_several_types_and_none_keep_their_places() -> None:
    context = Context()
    data = await ask("{ runs { __typename id count } }", context, MIXED)
    assert data["runs"] == [
        {"__typename": "Person", "id": "0", "count": 0},
        {"__typename": "Person", "id": "1", "count": 1},
        None,
        {"__typename": "Place", "id": "3", "count": 3},
        {"__typename": "Place", "id": "4", "count": 4},
        {"__typename": "Person", "id": "5", "count": 5},
    ]
    assert context.calls == ["count 0-9 [0, 1, 5, 3, 4]"]


async def test_a_row_with_a_wrong_value_leaves_its_neighbours_in_their_order() -> None:
    context = Context()
    result = await MIXED.execute("{ wrong { name count } }", context_value=context)
    assert result.data is not None
    assert result.data["wrong"] == [
        {"name": "a", "count": 0},
        {"name": "7", "count": 1},
        {"name": None, "count": 2},
        {"name": "d", "count": 3},
    ]
    assert [error.path for error in result.errors or ()] == [["wrong", 2, "name"]]
    assert context.calls == ["count 0-9 [0, 1, 2, 3]"]


@strawberry.type
class Counted:
    """An attribute with code behind it, which may answer something else each time."""

    at: strawberry.Private[list[int]]
    number: int = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "number":
            self.at.append(len(self.at))
            return len(self.at)
        return object.__getattribute__(self, name)


@strawberry.type
class Row:
    label: strawberry.Private[Any]

    @batched()
    @staticmethod
    async def shared(parents: Sequence[Row]) -> Answers[Person]:
        return [parent.label for parent in parents]

    @batched()
    @staticmethod
    async def counted(parents: Sequence[Row]) -> Answers[Counted | None]:
        one = Counted(at=[])
        return [one for _ in parents]


@strawberry.type
class Shared:
    @strawberry.field
    async def rows(self) -> list[Row]:
        people = [Person(id=strawberry.ID(str(n)), name=f"n{n}") for n in range(3)]
        return [Row(label=people[n % 3]) for n in range(30)]


async def test_an_object_that_stands_in_many_rows_is_read_once_unless_there_is_code_behind_it() -> None:
    schema = strawberry.Schema(Shared, execution_context_class=ListExecutor)
    data = await ask("{ rows { shared { id } counted { number } } }", Context(), schema)
    assert [row["shared"]["id"] for row in data["rows"]] == [str(n % 3) for n in range(30)]
    assert data["rows"][0]["shared"] is data["rows"][3]["shared"]
    assert [row["counted"]["number"] for row in data["rows"]] == list(range(1, 31))
