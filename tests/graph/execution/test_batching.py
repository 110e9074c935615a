from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.types.info import Info

from graph.execution.batches import Batches, batches_of
from graph.execution.batching import Answers, batched


@dataclass
class Context:
    calls: list[tuple[str, list[int], dict[str, Any]]] = field(default_factory=list)


async def load_owner(parents: Sequence[Thing]) -> Sequence[Thing | None]:
    return [None if parent.number == 1 else parent for parent in parents]


@strawberry.input
class Window:
    size: int = 2


@strawberry.interface
class Numbered:
    number: int

    @batched(description="The number so many times.")
    @staticmethod
    async def times(
        parents: Sequence[Numbered],
        info: Info[Context, None],
        factor: Annotated[int, strawberry.argument(description="How many times.")] = 2,
        window: Window | None = None,
    ) -> Answers[int | None]:
        info.context.calls.append(
            ("times", [parent.number for parent in parents], {"factor": factor, "window": window})
        )
        return [ValueError("three") if parent.number == 3 else parent.number * factor for parent in parents]


@strawberry.type(name="Thing")
class Thing(Numbered):
    owner: Thing | None = batched(load_owner, name="keeper", description="Who keeps it.", deprecation_reason="Old.")

    @batched()
    @staticmethod
    def label(parents: Sequence[Thing], info: Info[Context, None]) -> list[str]:
        info.context.calls.append(("label", [parent.number for parent in parents], {}))
        return [f"#{parent.number}" for parent in parents]

    @batched()
    @staticmethod
    async def broken(
        parents: Sequence[Thing],
    ) -> Answers[Annotated[Thing, strawberry.lazy("tests.graph.execution.test_batching")] | None]:
        raise RuntimeError(f"no answer for {len(parents)}")

    @batched()
    @staticmethod
    async def short(parents: Sequence[Thing]) -> Answers[int | None]:
        return list(range(len(parents) - 1))


@strawberry.type
class Query:
    @strawberry.field
    async def things(self, count: int) -> list[Thing]:
        return [Thing(number=number) for number in range(count)]

    @strawberry.field
    async def numbered(self, count: int) -> list[Numbered]:
        return [Thing(number=number) for number in range(count)]


SCHEMA = strawberry.Schema(Query)


async def test_a_batched_field_is_declared_from_the_annotations_of_its_function() -> None:
    assert str(SCHEMA).split('"""The number so many times."""')[1].split("}")[0].strip().startswith("times(")
    assert 'keeper: Thing @deprecated(reason: "Old.")' in str(SCHEMA)
    assert "broken: Thing" in str(SCHEMA)
    assert "label: String!" in str(SCHEMA)


async def test_the_library_executor_asks_once_for_all_parents_and_equal_arguments() -> None:
    context = Context()
    result = await SCHEMA.execute(
        "{ things(count: 3) { label times a: times(factor: 5) b: times(factor: 2) } }", context_value=context
    )
    assert result.errors is None
    assert result.data == {
        "things": [{"label": f"#{n}", "times": n * 2, "a": n * 5, "b": n * 2} for n in range(3)],
    }
    assert context.calls == [
        ("label", [0, 1, 2], {}),
        ("times", [0, 0, 1, 1, 2, 2], {"factor": 2, "window": None}),
        ("times", [0, 1, 2], {"factor": 5, "window": None}),
    ]


async def test_an_exception_among_the_answers_is_the_error_of_its_parent_alone() -> None:
    result = await SCHEMA.execute("{ numbered(count: 5) { times(window: {size: 4}) } }", context_value=Context())
    assert result.data == {"numbered": [{"times": 0}, {"times": 2}, {"times": 4}, {"times": None}, {"times": 8}]}
    assert result.errors is not None
    assert [(error.message, error.path) for error in result.errors] == [("three", ["numbered", 3, "times"])]


async def test_an_exception_raised_by_the_function_is_the_error_of_every_parent() -> None:
    result = await SCHEMA.execute("{ things(count: 2) { broken { number } keeper { number } } }", context_value={})
    assert result.data == {"things": [{"broken": None, "keeper": {"number": 0}}, {"broken": None, "keeper": None}]}
    assert result.errors is not None
    assert [(error.message, error.path) for error in result.errors] == [
        ("no answer for 2", ["things", 0, "broken"]),
        ("no answer for 2", ["things", 1, "broken"]),
    ]


async def test_too_few_answers_are_an_error_of_every_parent() -> None:
    result = await SCHEMA.execute("{ things(count: 2) { short } }", context_value={})
    assert result.errors is not None
    assert [error.message for error in result.errors] == ["Thing.short was asked for 2 parents and answered 1."] * 2


def test_a_context_keeps_one_set_of_calls() -> None:
    context, mapping = Context(), dict[str, object]()
    assert batches_of(context) is batches_of(context)
    assert batches_of(mapping) is mapping["batches"]
    with pytest.raises(TypeError, match="`batches`"):
        batches_of(None)
    assert isinstance(batches_of(context), Batches)
