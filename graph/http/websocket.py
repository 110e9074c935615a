"""Operations over a WebSocket by the graphql-transport-ws protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from graph.auth import Identity, seconds_left
from graph.http.answers import Answer, Caller
from graph.http.engine import Engine
from graph.http.masking import masked
from graph.http.middleware import request_id
from graph.http.params import Params, from_object
from graph.http.streams import Streams
from graph.refusal import RefusedError, bad_request
from settings import Settings

PROTOCOL = "graphql-transport-ws"


class Host(Protocol):
    """What a session needs of the endpoint it belongs to."""

    engine: Engine
    streams: Streams

    async def identify(self, header: str | None) -> Identity | None: ...

    def caller(self, connection: HTTPConnection, identity: Identity | None) -> Caller: ...


class ClosedError(Exception):
    """The client broke the protocol: the connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Session:
    """One connection. Its token comes with `connection_init`; when the token expires the connection ends."""

    def __init__(self, host: Host, websocket: WebSocket, settings: Settings) -> None:
        self._host = host
        self._websocket = websocket
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[ClosedError] = self._loop.create_future()
        self._timer = self._loop.call_later(
            settings.connection_init_seconds, self._finish, 4408, "Connection initialisation timeout"
        )
        self._caller: Caller | None = None
        self._initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve the connection until either side ends it."""
        offered = self._websocket.scope.get("subprotocols", [])
        if not self._may_connect():
            await self._websocket.close(1008)
        elif PROTOCOL not in offered:
            await self._websocket.accept()
            await self._websocket.close(4406, "Subprotocol not acceptable")
        else:
            await self._websocket.accept(subprotocol=PROTOCOL)
            with self._host.streams.connection():
                await self._serve()
        self._timer.cancel()

    async def _serve(self) -> None:
        leaving = asyncio.create_task(self._host.streams.closing.wait())
        reading = asyncio.create_task(self._read())
        try:
            waits: list[asyncio.Future[Any]] = [leaving, reading, self._end]
            await asyncio.wait(waits, return_when="FIRST_COMPLETED")
            if leaving.done():
                self._finish(1012, "Service restart")
            if self._end.done():
                async with self._sending:
                    await self._websocket.close(self._end.result().code, self._end.result().reason)
        finally:
            tasks = [leaving, reading, *self._operations.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _finish(self, code: int, reason: str) -> None:
        if not self._end.done():
            self._end.set_result(ClosedError(code, reason))

    def _may_connect(self) -> bool:
        """Browsers do not ask before they open a WebSocket, so its origin is looked at here."""
        origin = self._websocket.headers.get("origin")
        if origin is None or origin in self._settings.allowed_origins:
            return True
        return urlsplit(origin).netloc == self._websocket.headers.get("host")

    async def _read(self) -> None:
        try:
            while True:
                await self._handle(_message(await self._websocket.receive_text(), self._settings.max_body_bytes))
        except ClosedError as error:
            self._finish(error.code, error.reason)
        except KeyError:
            self._finish(4400, "Messages are sent as text")
        except WebSocketDisconnect:
            return

    async def _handle(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._send({"type": "pong", **({"payload": message["payload"]} if "payload" in message else {})})
            case "pong":
                return
            case "subscribe":
                self._subscribe(message)
            case "complete":
                task = self._operations.pop(str(message.get("id")), None)
                if task is not None:
                    task.cancel()
            case _:
                raise ClosedError(4400, "Unknown message type")

    async def _init(self, payload: object) -> None:
        if self._initialised:
            raise ClosedError(4429, "Too many initialisation requests")
        self._initialised = True
        self._timer.cancel()
        if payload is not None and not isinstance(payload, dict):
            raise ClosedError(4400, "The payload of connection_init must be an object")
        header = _authorization(payload or {}) or self._websocket.headers.get("authorization")
        try:
            identity = await self._host.identify(header)
        except RefusedError as refusal:
            raise ClosedError(1013 if refusal.status == 503 else 4401, str(refusal)) from refusal
        if identity is not None:
            self._timer = self._loop.call_later(seconds_left(identity), self._finish, 4401, "The token has expired.")
        self._caller = self._host.caller(self._websocket, identity)
        await self._send({"type": "connection_ack"})

    def _subscribe(self, message: Mapping[str, Any]) -> None:
        if self._caller is None:
            raise ClosedError(4401, "Unauthorized")
        name = message.get("id")
        if not isinstance(name, str) or not name:
            raise ClosedError(4400, "A subscribe message needs an id")
        if name in self._operations:
            raise ClosedError(4409, f"Subscriber for {name[:64]} already exists")
        try:
            params = from_object(message.get("payload"))
        except RefusedError as refusal:
            raise ClosedError(4400, str(refusal)) from refusal
        task = asyncio.create_task(self._run(name, params, self._caller))
        self._operations[name] = task
        task.add_done_callback(lambda done: self._forget(name, done))

    def _forget(self, name: str, task: asyncio.Task[None]) -> None:
        if self._operations.get(name) is task:
            del self._operations[name]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            masked(error, None, request_id(self._websocket.scope))
            self._finish(1011, "Internal error")

    async def _run(self, name: str, params: Params, caller: Caller) -> None:
        engine = self._host.engine
        try:
            if len(self._operations) > self._settings.max_subscriptions:
                raise bad_request(429, "TOO_MANY_SUBSCRIPTIONS", "Too many operations on this connection.")
            operation = await engine.prepare(params, signed_in=caller.signed_in)
            if operation.plan.kind is not OperationType.SUBSCRIPTION:
                await self._next(name, await engine.answer(operation, caller))
            else:
                with self._host.streams.subscription(caller.viewer):
                    async with aclosing(engine.events(operation, caller)) as answers:
                        async for answer in answers:
                            await self._next(name, answer)
        except RefusedError as refusal:
            engine.observer.refused(refusal.code)
            await self._error(name, refusal.errors)
            return
        await self._last(name, {"id": name, "type": "complete"})

    async def _next(self, name: str, answer: Answer) -> None:
        if not answer.executed:
            raise RefusedError(answer.errors)
        await self._send({"id": name, "type": "next", "payload": answer.body})

    async def _last(self, name: str, message: Mapping[str, Any]) -> None:
        """The final message of an operation: its id is free again before the client can know it."""
        self._operations.pop(name, None)
        await self._send(message)

    async def _error(self, name: str, errors: list[dict[str, Any]]) -> None:
        await self._last(name, {"id": name, "type": "error", "payload": errors})

    async def _send(self, message: Mapping[str, Any]) -> None:
        async with self._sending:
            if not self._end.done():
                await self._websocket.send_text(orjson.dumps(message).decode())


def _message(text: str, most: int) -> Mapping[str, Any]:
    if len(text) > most:
        raise ClosedError(1009, "Message too big")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ClosedError(4400, "Messages are JSON") from error
    if not isinstance(found, dict):
        raise ClosedError(4400, "Messages are JSON objects")
    return found


def _authorization(payload: Mapping[str, Any]) -> str | None:
    """The token, under any of the names that clients give it: a header's, in or out of `headers`, or `token`."""
    headers = payload.get("headers")
    for place in (payload, headers if isinstance(headers, dict) else {}):
        for name, value in place.items():
            if name.lower() == "authorization" and isinstance(value, str):
                return value
    token = payload.get("token")
    return f"Bearer {token.removeprefix('Bearer ')}" if isinstance(token, str) else None
