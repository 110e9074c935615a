"""A schema and data made to hurt an executor: nulls, wrong values, errors and awaitables at every place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.info import Info

from graph.execution.batches import Batches
from graph.execution.batching import Answers, batched

T = TypeVar("T")
Picky = NewType("Picky", object)


def serialize_picky(value: object) -> object:
    if value == "refused":
        raise ValueError("picky refuses")
    return None if value == "nothing" else f"picky {value}"


@strawberry.enum
class Color(Enum):
    RED = "red"
    GREEN = "green"
    BLUE = strawberry.enum_value("blue", name="AZURE")


@strawberry.input
class Window:
    size: int = 2
    color: Color | None = None

    def __post_init__(self) -> None:
        if self.size > 1_000_000:
            raise ValueError("window too large")


@dataclass
class Context:
    """What the resolvers were asked, to compare between executors."""

    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    paths: Counter[tuple[str | int, ...]] = field(default_factory=Counter)
    batched: list[tuple[str, int]] = field(default_factory=list)
    batches: Batches = field(default_factory=Batches)


class Loud(FieldExtension):
    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        return await next_(source, info, **kwargs)

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        value = next_(source, info, **kwargs)
        return f"{value}!" if isinstance(value, str) else value


Tangle = Info[Context, None]


def answer(source: Any, name: str, info: Tangle) -> Any:
    """The value made for a resolver, raised if it is an error to raise."""
    info.context.calls[name, source.key] += 1
    info.context.paths[tuple(info.path.as_list())] += 1
    value = source.answers.get(name)
    if isinstance(value, Raised):
        raise ValueError(value.words)  # noqa: TRY004 - the value says to raise.
    return value


@dataclass
class Raised:
    words: str


def each(name: str, parents: Sequence[Any], info: Tangle) -> list[Any]:
    info.context.batched.append((name, len(parents)))
    info.context.calls.update((name, parent.key) for parent in parents)
    values = [parent.answers.get(name) for parent in parents]
    return [ValueError(value.words) if isinstance(value, Raised) else value for value in values]


Leafs = Annotated["Leaf | Branch", strawberry.union("Leafs")]


@strawberry.interface
class Node:
    id: strawberry.ID
    title: str | None
    key: strawberry.Private[int]
    answers: strawberry.Private[dict[str, Any]]

    @batched()
    @staticmethod
    async def rank(parents: Sequence[Node], info: Tangle) -> Answers[int | None]:
        return each("rank", parents, info)


@strawberry.interface
class Colored(Node):
    color: Color
    parent: Node | None

    @batched()
    @staticmethod
    async def shade(
        parents: Sequence[Colored], info: Tangle, by: int = 1, window: Window | None = None
    ) -> Answers[str]:
        values = each("shade", parents, info)
        return [f"{value}-{by}-{window and window.size}" if isinstance(value, str) else value for value in values]


@strawberry.type
class Leaf(Node):
    number: int
    ratio: float | None
    flag: bool
    at: datetime | None
    picky: Picky | None
    strict: Picky
    words: list[str]
    holes: list[list[int | None] | None] | None
    colors: list[Color] | None

    @strawberry.field
    def loud(self, info: Tangle) -> str | None:
        return answer(self, "loud", info)  # type: ignore[no-any-return]

    @strawberry.field(extensions=[Loud()])
    def louder(self, info: Tangle) -> str:
        return answer(self, "louder", info)  # type: ignore[no-any-return]


@strawberry.type
class Branch(Colored):
    leaf: Leaf | None
    sure: Leaf
    next: Branch | None
    any: Node | None
    one: Leafs | None
    leaves: list[Leaf]
    maybe: list[Leaf | None] | None
    strict: list[Leaf]
    nodes: list[Node] | None
    mixed: list[Leafs | None]
    grid: list[list[Branch] | None]
    palette: list[Color | None] | None

    @strawberry.field
    def plain(self, info: Tangle, suffix: str = "") -> str:
        value = answer(self, "plain", info)
        return value + suffix if isinstance(value, str) else value  # type: ignore[no-any-return]

    @strawberry.field
    def child(self, info: Tangle) -> Branch | None:
        return answer(self, "child", info)  # type: ignore[no-any-return]

    @strawberry.field
    def children(self, info: Tangle) -> list[Node]:
        return answer(self, "children", info)  # type: ignore[no-any-return]


@strawberry.type
class Slow(Colored):
    """The fields that are awaited."""

    fellow: Slow | None
    fellows: list[Slow]

    @strawberry.field
    async def late(self, info: Tangle) -> str:
        return answer(self, "late", info)  # type: ignore[no-any-return]

    @strawberry.field
    async def later(self, info: Tangle) -> Slow | None:
        await asyncio.sleep(0)
        return answer(self, "later", info)  # type: ignore[no-any-return]

    @batched()
    @staticmethod
    async def friend(parents: Sequence[Slow], info: Tangle) -> Answers[Slow | None]:
        return each("friend", parents, info)

    @batched()
    @staticmethod
    async def mate(parents: Sequence[Slow], info: Tangle) -> Answers[Slow]:
        return each("mate", parents, info)

    @batched()
    @staticmethod
    def peers(parents: Sequence[Slow], info: Tangle, first: int | None = 2) -> Answers[list[Node | None] | None]:
        values = each("peers", parents, info)
        return [value[:first] if isinstance(value, list) else value for value in values]

    @batched()
    @staticmethod
    async def union(parents: Sequence[Slow], info: Tangle) -> Answers[list[Leafs]]:
        return each("union", parents, info)


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class PageInfo:
    end_cursor: str | None
    has_next_page: bool


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
    total_count: int | None
