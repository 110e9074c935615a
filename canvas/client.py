"""One Canvas, as one access key sees it. Everything raises the typed errors of `domain.errors`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from canvas.connection import Connection
from canvas.errors import GraphqlUnavailable
from canvas.graphql import Answered, answered
from canvas.links import leads_to_page, next_url
from canvas.sender import Answer, Ask, Params, Sender
from domain.errors import UpstreamBlocked, UpstreamError, UpstreamForbidden, UpstreamMissing, UpstreamUnreadable

T = TypeVar("T")
Row = dict[str, Any]

SIDE_BY_SIDE = 3
MOST_PAGES = 10_000
LARGEST_LIST = 512 * 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9_~:-]{1,80}")


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a list: its rows, where the next one is, and its bytes."""

    rows: list[Row]
    link: str | None
    size: int


class Canvas:
    """REST under `/api/v1/` and GraphQL. Paths are relative (`courses/7`), ids in them come through `path`."""

    def __init__(self, connection: Connection, origin: str, blocked: str, sender: Sender) -> None:
        self.provider = connection.provider
        self.account_id = connection.account_id
        self._origin = origin
        self._blocked = blocked
        self._sender = sender

    def path(self, template: str, *ids: str) -> str:
        """`courses/{}/users` with ids put in.

        Errors: UpstreamMissing for a text that can be no id: our ids travel through clients, and `..` must not.
        """
        if not all(_ID.fullmatch(i) for i in ids):
            raise UpstreamMissing(self.provider, "not an id")
        return template.format(*ids)

    async def get(self, path: str, params: Params | None = None) -> Any:
        """One object."""
        return (await self._send("GET", path, params=params)).payload

    async def get_or_gone(self, path: str, params: Params | None = None) -> tuple[bool, Any]:
        """One object and whether it is still there: Canvas shows some deleted ones with a 404.

        Errors: UpstreamMissing where the 404 holds no object.
        """
        answer = await self._send("GET", path, params=params, also=frozenset({404}))
        gone = answer.status == 404
        if gone and not (isinstance(answer.payload, dict) and "id" in answer.payload):
            raise UpstreamMissing(self.provider, "HTTP 404")
        return not gone, answer.payload

    async def get_all(self, path: str, params: Params) -> list[Row]:
        """Every row of a list, page after page by opaque `next` links, each id once.

        Errors: UpstreamUnreadable when the links run in a circle or a page is no list.
        """
        rows: list[Row] = []
        url: str | None = self._url(path)
        seen: set[str] = set()
        size = 0
        query: Params | None = params
        while url:
            if url in seen:
                raise UpstreamUnreadable(self.provider, "next links in a circle")
            seen.add(url)
            page = await self._page(url, query)
            url, query = page.link, None
            rows += page.rows
            size += page.size
            self._bound(size, len(seen))
        return _once_each(rows)

    async def get_pages(self, path: str, params: Params) -> list[Row]:
        """Every row of an ordinal list (`page=2`) whose length Canvas does not tell, three pages side by side.

        Shape:  each id once.
        Quirk:  a window is asked for only when the page before it had a next one, so at most two requests go beyond
                the end, none when the number of pages is one more than a multiple of three. Bookmarks are followed
                one by one.
        """
        url = self._url(path)
        first = await self._page(url, params)
        rows, link, size = first.rows, first.link, first.size
        number = 1
        while leads_to_page(link, number + 1):
            window = range(number + 1, number + 1 + SIDE_BY_SIDE)
            pages = await side_by_side(self._page(url, {**params, "page": n}) for n in window)
            for page in pages:
                rows += page.rows
                size += page.size
            self._bound(size, number)
            number, link = window[-1], pages[-1].link
            if any(page.link is None for page in pages):
                link = None
        return _once_each(rows + (await self.get_all(link, {}) if link else []))

    def _bound(self, size: int, pages: int) -> None:
        """Raise for a list that goes on for longer than any school's: it would be held in memory."""
        if size > LARGEST_LIST or pages > MOST_PAGES:
            raise UpstreamUnreadable(self.provider, "too large")

    async def _page(self, url: str, params: Params | None) -> _Page:
        answer = await self._sender.send(Ask("GET", url, params=params))
        rows = answer.payload
        if not isinstance(rows, list):
            raise UpstreamUnreadable(self.provider, "not a list")
        link = next_url(self.provider, self._base(), url, answer.next_link)
        return _Page([row for row in rows if isinstance(row, dict)], link, answer.size)

    async def post(self, path: str, data: Params | None = None, json: Any = None) -> Any:
        """Make something. Repeated only after a throttle answer, which Canvas did not execute."""
        return (await self._send("POST", path, form=data, json=json)).payload

    async def put(self, path: str, data: Params | None = None, json: Any = None) -> Any:
        """Change something. Repeated only after a throttle answer."""
        return (await self._send("PUT", path, form=data, json=json)).payload

    async def delete(self, path: str, params: Params | None = None) -> Any:
        """Remove something. Repeated only after a throttle answer."""
        return (await self._send("DELETE", path, params=params)).payload

    async def post_csv(self, path: str, csv: str, params: Params | None = None) -> Any:
        """Hand in a table as the raw body."""
        content = csv.encode()
        return (await self._send("POST", path, params=params, content=content, content_type="text/csv")).payload

    async def graphql(self, document: str, variables: Mapping[str, Any] | None = None) -> Row:
        """A query's data, all of it.

        Errors: as `query`; UpstreamError when a part of it broke.
        """
        answer = await self.query(document, variables)
        if answer.failed:
            raise UpstreamError(self.provider, "GraphQL errors")
        return answer.data

    async def query(
        self, document: str, variables: Mapping[str, Any] | None = None, *, writes: bool = False
    ) -> Answered:
        """A GraphQL answer, possibly with parts that broke. `writes`: it is a mutation, sent once.

        Errors: GraphqlUnavailable where this Canvas has none, refuses it or is too old for the document.
        """
        body = {"query": document, "variables": dict(variables or {})}
        ask = Ask("POST", f"{self._base()}/api/graphql", json=body, kind="graphql", repeatable=not writes)
        try:
            answer = await self._sender.send(ask)
        except (UpstreamMissing, UpstreamForbidden) as error:
            self._sender.graphql.refuse()
            raise GraphqlUnavailable(self.provider, error.detail) from None
        try:
            return answered(self.provider, answer.payload)
        except GraphqlUnavailable:
            self._sender.graphql.refuse(document)
            raise

    async def _send(self, method: str, path: str, **parts: Any) -> Answer:
        ask = Ask(method, self._url(path), repeatable=method == "GET", **parts)
        return await self._sender.send(ask)

    def _base(self) -> str:
        if self._blocked:
            raise UpstreamBlocked(self.provider, self._blocked)
        return self._origin

    def _url(self, path: str) -> str:
        return path if path.startswith(f"{self._base()}/") else f"{self._base()}/api/v1/{path}"


def _once_each(rows: Iterable[Row]) -> list[Row]:
    """The rows without repeats: ordinal pages shift while Canvas changes. Rows without an id stay."""
    return list(_distinct(rows))


def _distinct(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[Any] = set()
    for row in rows:
        key = row.get("id")
        if key is None or isinstance(key, list | dict):
            yield row
        elif key not in seen:
            seen.add(key)
            yield row


async def side_by_side(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order; the first failure cancels the others and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
