# ruff: noqa: FBT003 - wrong values are given as they are.
"""Objects for the torture schema, made from a seed, with trouble in any share."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.graph.execution.torture import Branch, Color, Connection, Edge, Leaf, PageInfo, Raised, Slow


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
