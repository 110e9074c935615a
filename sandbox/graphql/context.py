"""What resolvers share: the world, who asks, ids in both of Canvas's forms, and connections."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sandbox.behaviour import Behaviour
from sandbox.lookup import plain_id
from sandbox.rights import Caller
from sandbox.world import World

Resolvers = dict[str, Callable[..., Any]]

DEFAULT_PAGE = 20
MAX_PAGE = 100


class Context:
    """One request's view of the world; `rows` counts what it shows, for the cost."""

    def __init__(self, world: World, behaviour: Behaviour, caller: Caller, base: str) -> None:
        self.world = world
        self.behaviour = behaviour
        self.caller = caller
        self.base = base
        self.rows = 0


def relay_id(type_name: str, key: int) -> str:
    """The opaque form of an id."""
    return b64encode(f"{type_name}-{key}".encode()).decode()


def any_id(text: str | None) -> int:
    """An id argument in either form as a number; 0 is nobody's id."""
    if not text:
        return 0
    number = plain_id(text)
    if number is not None:
        return number
    return plain_id(split_relay_id(text)[1]) or 0


def split_relay_id(text: str) -> tuple[str, str]:
    """Type name and id of the opaque form; two empty texts for rubbish."""
    try:
        kind, _, key = b64decode(text, validate=True).decode().partition("-")
    except ValueError:
        return "", ""
    return kind, key


class PageInfo(NamedTuple):
    hasNextPage: bool  # noqa: N815  These are the schema's own field names.
    hasPreviousPage: bool  # noqa: N815
    startCursor: str | None  # noqa: N815
    endCursor: str | None  # noqa: N815
    totalCount: int  # noqa: N815


class Edge(NamedTuple):
    cursor: str
    node: Any


class Connection:
    """One page of rows; cursors are positions."""

    def __init__(self, rows: Sequence[Any], start: int, total: int) -> None:
        self.nodes = rows
        self._start = start
        self._total = total

    @property
    def edges(self) -> list[Edge]:
        return [Edge(_cursor(self._start + i), row) for i, row in enumerate(self.nodes, start=1)]

    @property
    def pageInfo(self) -> PageInfo:  # noqa: N802  The schema's own field name.
        end = self._start + len(self.nodes)
        first = _cursor(self._start + 1) if self.nodes else None
        return PageInfo(end < self._total, self._start > 0, first, _cursor(end) if self.nodes else None, self._total)


def connect(context: Context, rows: Sequence[Any], **page: Any) -> Connection:
    """The asked page: 20 rows unless said otherwise, never more than 100."""
    low, high = _position(page.get("after")), len(rows)
    if page.get("before"):
        high = min(high, _position(page["before"]) - 1)
    first, last = page.get("first"), page.get("last")
    if first is None and last is None:
        first = DEFAULT_PAGE
    if first is not None:
        high = min(high, low + min(max(first, 0), MAX_PAGE))
    if last is not None:
        low = max(low, high - min(max(last, 0), MAX_PAGE))
    shown = rows[low:high]
    context.rows += len(shown)
    return Connection(shown, low, len(rows))


def _cursor(position: int) -> str:
    return b64encode(str(position).encode()).decode().rstrip("=")


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return max(0, int(b64decode(cursor + "==")))
    except ValueError:
        return 0
