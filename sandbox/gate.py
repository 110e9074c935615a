"""What stands before every Canvas call: log, faults, user agent, throttle, token, latency."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import Message, Receive, Scope, Send

from sandbox.behaviour import Behaviour, Fault
from sandbox.faults import Answer, cut_off, has_connection, hit, instead, refused, until_left, with_foreign_next
from sandbox.log import Entry, RequestLog
from sandbox.refusals import CHALLENGE, NO_CREDENTIALS, Refusal, bad_token
from sandbox.rights import Caller
from sandbox.throttle import Buckets
from sandbox.world import World

App = Callable[[Scope, Receive, Send], Awaitable[None]]
NO_AGENT = {
    "error": "Forbidden",
    "message": "You are not authorized to access this site because you have not provided a valid user agent.",
}


class Gate:
    """Guards the inner app and takes every request through the same doors."""

    def __init__(self, app: App, world: World, behaviour: Behaviour, log: RequestLog, buckets: Buckets) -> None:
        self._app = app
        self._world = world
        self._behaviour = behaviour
        self._log = log
        self._buckets = buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        entry = _entry(scope, headers, body)
        self._log.begin(entry)
        try:
            await self._serve(scope, receive, send, entry, body)
        finally:
            self._log.end(entry)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, entry: Entry, body: bytes) -> None:
        if self._behaviour.require_user_agent and not entry.user_agent:
            await self._send(send, entry, Answer.json(403, NO_AGENT))
            return
        fault = hit(self._behaviour, entry.method, entry.path, body)
        if fault is not None and fault.kind == "hang":
            await until_left(receive)
            return
        if fault is not None and fault.kind == "dead":
            await cut_off(send)
            return
        ready = instead(fault, self._behaviour) if fault is not None else None
        answer = ready or await self._admitted(scope, entry, body, _delay(fault))
        await self._deliver(send, entry, answer, fault)

    async def _deliver(self, send: Send, entry: Entry, answer: Answer, fault: Fault | None) -> None:
        kind = fault.kind if fault is not None else None
        if kind == "lost":
            await cut_off(send)
        elif kind == "half" and has_connection(send):
            await self._send(send, entry, answer, cut=len(answer.body) // 2)
            await cut_off(send)
        elif kind == "half":
            await self._send(send, entry, Answer.of(answer.status, answer.body[: len(answer.body) // 2], "text/plain"))
        elif fault is not None and kind == "foreign_next":
            await self._send(send, entry, with_foreign_next(answer, fault.host))
        else:
            await self._send(send, entry, answer)

    async def _admitted(self, scope: Scope, entry: Entry, body: bytes, delay: float) -> Answer:
        key = entry.token or "anonymous"
        if not self._buckets.admit(key):
            return refused(self._behaviour)
        try:
            await asyncio.sleep(delay + self._behaviour.latency_ms / 1000)
            answer = await self._inner(scope, entry, body)
        finally:
            cost = scope.get("sandbox.cost", 0.1)
            remaining = self._buckets.settle(key, cost)
        costs = [(b"x-request-cost", repr(cost).encode()), (b"x-rate-limit-remaining", repr(remaining).encode())]
        return Answer(answer.status, answer.headers + costs, answer.body)

    async def _inner(self, scope: Scope, entry: Entry, body: bytes) -> Answer:
        try:
            scope["sandbox.caller"] = self._caller(entry.token)
        except Refusal as refusal:
            return Answer.json(refusal.status, refusal.body, www_authenticate=CHALLENGE["www-authenticate"])
        return await _captured(self._app, scope, body)

    def _caller(self, token: str | None) -> Caller:
        behaviour = self._behaviour
        if token is None:
            raise Refusal(401, NO_CREDENTIALS)
        if token in behaviour.revoked_tokens:
            raise bad_token("Revoked")
        if token in behaviour.expired_tokens:
            raise bad_token("Expired")
        user_id = behaviour.tokens.get(token)
        if user_id is None or user_id not in self._world.users:
            raise bad_token("Invalid")
        return Caller(self._world, behaviour, user_id)

    async def _send(self, send: Send, entry: Entry, answer: Answer, cut: int | None = None) -> None:
        entry.status = answer.status
        headers = answer.headers
        if self._behaviour.header_case == "title":
            headers = [(name.decode().title().encode(), value) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body[:cut], "more_body": cut is not None})


def _delay(fault: Fault | None) -> float:
    return fault.seconds if fault is not None and fault.kind == "slow" else 0.0


def _entry(scope: Scope, headers: dict[bytes, str], body: bytes) -> Entry:
    query = scope["query_string"].decode("latin-1")
    bearer = headers.get(b"authorization", "")
    token = bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") else None
    if token is None and "access_token=" in query:
        token = parse_qs(query)["access_token"][0]
    entry = Entry(
        method=scope["method"],
        path=scope["path"],
        query=query,
        token=token,
        user_agent=headers.get(b"user-agent"),
        body=body.decode("utf-8", "replace"),
    )
    if entry.path == "/api/graphql":
        document = _document(body)
        entry.operation, entry.variables = document.get("operationName"), document.get("variables")
    return entry


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _captured(app: App, scope: Scope, body: bytes) -> Answer:
    """Run the inner app to its end and keep its answer."""
    found = Answer(500, [], b"")
    chunks: list[bytes] = []

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(message: Message) -> None:
        nonlocal found
        if message["type"] == "http.response.start":
            found = Answer(message["status"], list(message["headers"]), b"")
        else:
            chunks.append(message.get("body", b""))

    await app(scope, replay, keep)
    return Answer(found.status, found.headers, b"".join(chunks))
