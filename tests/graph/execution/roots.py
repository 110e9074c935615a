"""The root types of the torture schema: one that is answered without awaiting, one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.info import Info

from tests.graph.execution.torture import Branch, Connection, Leaf, Node, Picky, Slow, serialize_picky
from tests.graph.execution.world import World


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
