"""What the doors (HTTP, SSE, WebSocket) and the engine behind them hand each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from graph.http.documents import Plan
from graph.http.encoded import Encoded

MakeContext = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who pays, and how the answer is traced. `signed_in` callers may see the schema.

    `trace` is the `traceparent` of whoever asked, `client` the frontend's own name.
    """

    viewer: str
    signed_in: bool
    request_id: str
    make_context: MakeContext
    trace: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Fit to run: planned, allowed and priced.

    `wants_upstream`: the client asks what Canvas had to do with it; `wants_cache`: whether it was remembered. Equal
    `question`s are the same operation of the same document with the same variables. `deprecated`: what the document
    and its variables use of the schema that will go away.
    """

    plan: Plan
    variables: Mapping[str, Any]
    points: int
    dry: bool
    wants_upstream: bool = False
    wants_cache: bool = False
    question: Hashable = None
    deprecated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """`executed` is False where the request failed before any field ran: such an answer has no `data`.

    `failed` has the schema's name of each field that had an error, with its code.
    `encoded` is `data` as bytes, of every answer without errors; one from the cache (of that `age` in seconds) has
    nothing else.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: bool = True
    extensions: dict[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    encoded: Encoded | None = None
    age: float | None = None
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def has_data(self) -> bool:
        return self.data is not None or self.encoded is not None

    @property
    def rest(self) -> bytes:
        """What stands after the data in the body, where there are no errors."""
        return b"," + orjson.dumps({"extensions": self.extensions})[1:] if self.extensions else b"}"

    @property
    def body(self) -> dict[str, Any]:
        """As JSON says it, errors first so that a reader meets them."""
        told: dict[str, Any] = {}
        if self.errors:
            told["errors"] = self.errors
        if self.executed:
            told["data"] = self.data if self.encoded is None else orjson.Fragment(self.encoded.json)
        if self.extensions:
            told["extensions"] = self.extensions
        return told


@dataclass(frozen=True, slots=True)
class Finished:
    """What observers (logs, metrics) are told of every operation: no variables, no names."""

    operation: str | None
    digest: str
    kind: str
    seconds: float
    codes: tuple[str, ...]
    points: int
    request_id: str
    failed: tuple[tuple[str, str], ...] = ()
    deprecated: frozenset[str] = frozenset()
    client: str | None = None

    @classmethod
    def of(cls, operation: Operation, answer: Answer, caller: Caller, points: int, seconds: float) -> Finished:
        plan, errors = operation.plan, answer.errors
        return cls(
            operation=plan.name,
            digest=plan.digest,
            kind=plan.kind.value,
            seconds=seconds,
            codes=tuple(sorted({str(error["extensions"]["code"]) for error in errors})) if errors else (),
            points=points,
            request_id=caller.request_id,
            failed=answer.failed,
            deprecated=operation.deprecated,
            client=caller.client,
        )
