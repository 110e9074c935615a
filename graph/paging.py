"""Connections: cursors in, edges and page info out."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Any, Generic, Self, TypeVar

import orjson
import strawberry

from domain import catalog
from domain.errors import BadIdError, BadInputError
from domain.paging import Key, Page, PageRequest
from graph.execution.batching import Answers, batched
from graph.types.freshness import SourceStatus
from settings import settings

DEFAULT_FIRST = 25


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow: ask again with `after: endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether any come before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge; null on an empty page.")

    @classmethod
    def of(cls, page: Page[Any]) -> PageInfo:
        cursors = [encode_cursor(key) for key in (page.keys[:1] or [])] + [encode_cursor(key) for key in page.keys[-1:]]
        start, end = (cursors[0], cursors[-1]) if cursors else (None, None)
        return cls(has_next_page=page.has_next, has_previous_page=page.has_previous, start_cursor=start, end_cursor=end)


def encode_cursor(key: Key) -> str:
    """base64url of `v1:` and [sort key, id]."""
    return base64.urlsafe_b64encode(b"v1:" + orjson.dumps(key)).decode()


def decode_cursor(cursor: str) -> Key:
    """The key of a cursor. Raises BadIdError for anything that `encode_cursor` did not make."""
    try:
        version, _, key = base64.urlsafe_b64decode(cursor).partition(b":")
        sort_key, id = orjson.loads(key)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadIdError("This is not a cursor of ours.") from error
    if version != b"v1" or not isinstance(sort_key, str) or not isinstance(id, str):
        raise BadIdError("This is not a cursor of ours.")
    return sort_key, id


def page_request(first: int | None, after: str | None, *, descending: bool = False) -> PageRequest:
    """What `first` and `after` ask for; an explicit null means the default."""
    size = DEFAULT_FIRST if first is None else first
    if not 0 <= size <= settings().max_page:
        raise BadInputError(f"`first` is a number from 0 to {settings().max_page}.", ["first"])
    return PageRequest(size, decode_cursor(after) if after is not None else None, descending)


T = TypeVar("T")
Row = TypeVar("Row")


@strawberry.enum(description="How a list is ordered. Every order is total: equal names are ordered by id.")
class NameSort(Enum):
    NAME_ASC = strawberry.enum_value("name_asc", description="By name, A to Z, accents and case ignored.")
    NAME_DESC = strawberry.enum_value("name_desc", description="By name, Z to A, accents and case ignored.")


async def cursors_of(parents: Sequence[Edge[Any]]) -> list[str]:
    """A cursor costs more than its row: they are made for those who ask."""
    return [encode_cursor(parent.key) for parent in parents]


@strawberry.type(description="One row of a list and where it stands.")
class Edge(Generic[T]):
    key: strawberry.Private[Key]
    cursor: str = batched(cursors_of, description="Give it as `after` to go on behind this row.")
    node: T = strawberry.field(description="The row.")


Status = Callable[[], Awaitable[Sequence[catalog.SourceStatus]]]


async def no_sources() -> list[catalog.SourceStatus]:
    """Of lists that Canvas has no part in."""
    return []


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The rows of this page, each with its cursor.")
    nodes: list[T] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and how to get it.")
    total_count: int | None = strawberry.field(
        description="Rows in the whole list; null where that is not known: while a Canvas that takes part could not be read yet."
    )
    status: strawberry.Private[Status] = no_sources

    @batched(description="One entry per provider that took part; empty for purely native lists.")
    @staticmethod
    async def sources(parents: Sequence[Connection[Any]]) -> Answers[list[SourceStatus]]:
        found = await asyncio.gather(*(parent.status() for parent in parents))
        return [[SourceStatus.of(row) for row in rows] for rows in found]

    @classmethod
    def page(
        cls,
        page: Page[Row],
        wrap: Callable[[Row], T],
        status: Status = no_sources,
    ) -> Self:
        """The connection of a page whose rows become nodes by `wrap`."""
        nodes = [wrap(row) for row in page.rows]
        edges = [Edge(key=key, node=node) for key, node in zip(page.keys, nodes, strict=True)]
        info = PageInfo.of(page)
        return cls(edges=edges, nodes=nodes, page_info=info, total_count=page.total, status=status)
