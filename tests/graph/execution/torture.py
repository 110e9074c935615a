# ruff: noqa: FBT003 - wrong values are given as they are.
"""A schema and data made to hurt an executor: nulls, wrong values, errors and awaitables at every place."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig
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


class Thorny(Leaf):
    """A leaf some of whose attributes raise."""

    def __getattribute__(self, name: str) -> Any:
        if name in object.__getattribute__(self, "__dict__").get("thorns", ()):
            raise RuntimeError(f"thorn at {name}")
        return super().__getattribute__(name)


class World:
    """Objects made from a seed; `trouble` is the share of values that are not what their field promises."""

    def __init__(self, seed: int, trouble: float, *, awaited: bool) -> None:
        self.random = random.Random(seed)
        self.trouble = trouble
        self.awaited = awaited
        self.made = 0

    def some(self, good: Any, *bad: Any) -> Any:
        if self.random.random() >= self.trouble:
            return good
        values = [None, Raised("raised"), *bad]
        value = self.random.choice(values)
        return ValueError(f"value {self.made}") if isinstance(value, Raised) and Raised not in bad else value

    def asked(self, good: Any, *bad: Any) -> Any:
        """A resolver's value: it may be raised."""
        return self.random.choice([Raised("raised"), None, ValueError("returned"), *bad]) if self.bad() else good

    def bad(self) -> bool:
        return self.random.random() < self.trouble

    def common(self) -> dict[str, Any]:
        self.made += 1
        title = self.some(f"title {self.made}", 12, True, object)
        return {"id": self.some(str(self.made), self.made, 1.5), "title": title, "key": self.made}

    def leaf(self) -> Leaf:
        values = self.common()
        leaf = (Thorny if self.bad() else Leaf)(
            **values,
            number=self.some(self.made, "12", "x", 1 << 40, 1.0, True),
            ratio=self.some(0.5, 3, float("nan"), float("inf"), "y"),
            flag=self.some(True, 1, "no"),
            at=self.some(datetime(2026, 1, 1, tzinfo=UTC), "later"),
            picky=self.some("p", "refused", "nothing", 7),
            strict=self.some("s", "refused", "nothing"),
            words=self.some(["a", "b"], ["a", None], "ab", ("t",), 5, ["a", ValueError("in list")]),
            holes=self.some([[1, None], None], [[1, "x"]], [1], [[1.5]], iter([[1], [2]])),
            colors=self.some([Color.RED, Color.BLUE], [Color.RED, None], ["green"], [Color.RED, "mauve"]),
            answers={"loud": self.asked("loud", 5), "louder": self.asked("louder"), "rank": self.asked(self.made, "x")},
        )
        if isinstance(leaf, Thorny):
            object.__setattr__(leaf, "thorns", self.random.sample(["number", "ratio", "words", "title", "id"], 2))
        return leaf

    def branch(self, depth: int) -> Branch:
        return Branch(
            **self.common(),
            **self.color(depth),
            leaf=self.some(self.leaf(), "no leaf"),
            sure=self.some(self.leaf()),
            next=self.some(self.branch(depth - 1), self.leaf()) if depth else None,
            any=self.some(self.node(depth - 1), 5, "x"),
            one=self.some(self.member(depth - 1), PageInfo(end_cursor=None, has_next_page=False), 5),
            leaves=self.some([self.leaf() for _ in range(3)], 5, "text"),
            maybe=self.some([self.some(self.leaf()) for _ in range(3)], ()),
            strict=self.some([self.some(self.leaf()) for _ in range(2)], iter([self.leaf()])),
            nodes=self.some(tuple(self.some(self.node(depth - 1), 3) for _ in range(3))),
            mixed=self.some([self.some(self.member(depth - 1), 3) for _ in range(3)], {self.made: 1}),
            grid=self.some([[self.branch(depth - 1)], None, []] if depth else [None], [[None]], [5]),
            palette=self.some([Color.RED, None, Color.BLUE], [5]),
            answers={
                "plain": self.asked("plain"),
                "child": self.asked(self.branch(depth - 1) if depth else None, self.leaf()),
                "children": self.asked([self.node(depth - 1), self.leaf()], [None]),
                "rank": self.asked(self.made),
                "shade": self.asked("shade"),
            },
        )

    def color(self, depth: int) -> dict[str, Any]:
        parent = self.some(self.node(depth - 2), 7)
        return {"color": self.some(Color.GREEN, "red", "mauve", 4), "parent": parent}

    def slow(self, depth: int) -> Slow:
        below = [self.slow(depth - 1) if depth else None for _ in range(6)]
        fellow = self.some(below[0])
        fellows: Any = self.some([] if below[1] is None else [below[1], below[2]], [None])
        if self.awaited and self.bad():
            fellow = later(fellow)
            fellows = self.random.choice([later(fellows), [later(below[1]), below[2]], agen(below[1:3])])
        return Slow(
            **self.common(),
            **self.color(depth - 1),
            fellow=fellow,
            fellows=fellows,
            answers={
                "late": self.asked("late"),
                "later": self.asked(below[3]),
                "friend": self.asked(below[4], self.leaf()),
                "mate": self.asked(below[5] or self.slow(0) if depth else None),
                "peers": self.asked([self.some(self.node(depth - 1)), below[1], self.leaf()], 5, iter([below[2]])),
                "union": self.asked([self.some(self.member(0)), self.leaf()]),
                "rank": self.asked(self.made, 1 << 40),
                "shade": self.asked("shade"),
            },
        )

    def node(self, depth: int) -> Any:
        if depth <= 0 or self.random.random() < 0.5:
            return self.leaf()
        return self.slow(depth - 1) if self.awaited and self.random.random() < 0.5 else self.branch(depth - 1)

    def member(self, depth: int) -> Any:
        return self.leaf() if depth <= 0 or self.random.random() < 0.5 else self.branch(depth - 1)

    def connection(self, make: Any) -> Any:
        nodes = [self.some(make()) for _ in range(3)]
        return Connection(
            edges=self.some([self.some(Edge(cursor=self.some("c"), node=node)) for node in nodes]),
            nodes=self.some(nodes),
            page_info=self.some(PageInfo(end_cursor=self.some("c"), has_next_page=self.some(True))),
            total_count=self.some(3, "many"),
        )


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


async def agen(values: Sequence[Any]) -> AsyncIterator[Any]:
    for value in values:
        yield value


def world(info: Info[Any, World]) -> World:
    return info.root_value  # type: ignore[no-any-return]


@strawberry.type
class Calm:
    """Everything at once: the library answers it without awaiting."""

    @strawberry.field
    def branch(self, info: Info[Any, World]) -> Branch | None:
        return world(info).branch(2)

    @strawberry.field
    def branches(self, info: Info[Any, World]) -> list[Branch] | None:
        return [world(info).branch(1) for _ in range(3)]

    @strawberry.field
    def node(self, info: Info[Any, World]) -> Node | None:
        return world(info).node(2)  # type: ignore[no-any-return]

    @strawberry.field
    def nodes(self, info: Info[Any, World]) -> list[Node | None] | None:
        return [world(info).some(world(info).node(2)) for _ in range(4)]

    @strawberry.field
    def leaves(self, info: Info[Any, World]) -> list[Leaf]:
        return [world(info).some(world(info).leaf()) for _ in range(5)]

    @strawberry.field
    def lazy_leaves(self, info: Info[Any, World]) -> list[Leaf | None] | None:
        leaves: Iterator[Leaf] = (world(info).some(world(info).leaf()) for _ in range(3))
        return leaves  # type: ignore[return-value]

    @strawberry.field
    def leaf_connection(self, info: Info[Any, World]) -> Connection[Leaf] | None:
        return world(info).connection(world(info).leaf)  # type: ignore[no-any-return]

    @strawberry.field
    def node_connection(self, info: Info[Any, World]) -> Connection[Node] | None:
        return world(info).connection(lambda: world(info).node(2))  # type: ignore[no-any-return]


@strawberry.type
class Query(Calm):
    @strawberry.field
    async def slow(self, info: Info[Any, World]) -> Slow | None:
        return world(info).slow(2)

    @strawberry.field
    async def slows(self, info: Info[Any, World]) -> list[Slow | None] | None:
        return [world(info).some(world(info).slow(1)) for _ in range(3)]

    @strawberry.field
    def sure_slows(self, info: Info[Any, World]) -> list[Slow]:
        return [world(info).slow(1) for _ in range(3)]

    @strawberry.field
    async def slow_connection(self, info: Info[Any, World]) -> Connection[Slow] | None:
        return world(info).connection(lambda: world(info).slow(1))  # type: ignore[no-any-return]


CONFIG = StrawberryConfig(scalar_map={Picky: strawberry.scalar(name="Picky", serialize=serialize_picky)})


def schema(query: type, executor: Any) -> strawberry.Schema:
    return strawberry.Schema(query, execution_context_class=executor, config=CONFIG, types=[Leaf, Branch, Slow])
