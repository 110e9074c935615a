"""The GraphQL endpoint: one ASGI application for POST, GET, the explorer, SSE and WebSockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

import strawberry
import structlog
from graphql import OperationType
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from graph.auth import Identity, InvalidTokenError, TokenVerifier, bearer, seconds_left
from graph.explorer.page import Explorer
from graph.http.answers import Answer, Caller, Operation
from graph.http.body import ClientGoneError, read_body
from graph.http.engine import Engine, Shown, Upstream
from graph.http.masking import masked
from graph.http.middleware import client_name, header, request_id
from graph.http.negotiation import JSON, Accept, accepted
from graph.http.observer import Observer
from graph.http.params import from_json, from_query
from graph.http.patience import while_waited_for
from graph.http.repeats import Repeats
from graph.http.replies import send_answer, send_json, status_of, status_of_refusal
from graph.http.response_cache import ResponseCache
from graph.http.sse import stream
from graph.http.streams import Streams
from graph.http.websocket import Session
from graph.jwks import KeysUnavailableError
from graph.limits.gate import Gate
from graph.limits.weights import Weights
from graph.refusal import RefusedError, bad_request, unauthenticated
from settings import Settings

ContextMaker = Callable[[HTTPConnection, Identity | None], Awaitable[Any]]
_METHODS = {"allow": "GET, POST"}


class GraphQLApp:
    """`make_context` is called once per operation, and once per event of a subscription."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        make_context: ContextMaker,
        settings: Settings,
        verifier: TokenVerifier,
        explorer: Explorer | None = None,
        gate: Gate | None = None,
        weights: Weights | None = None,
        upstream_calls: Callable[[Any], int] | None = None,
        observer: Observer | None = None,
        upstream: Upstream | None = None,
        shown: Shown | None = None,
        cache: ResponseCache | None = None,
        pseudonym: Callable[[str], str] | None = None,
    ) -> None:
        self.engine = Engine(
            schema,
            settings,
            gate=gate,
            weights=weights,
            upstream_calls=upstream_calls,
            observer=observer,
            upstream=upstream,
            shown=shown,
            cache=cache,
        )
        self.streams = Streams(settings.max_subscriptions)
        self._repeats = Repeats()
        self._make_context = make_context
        self._pseudonym = pseudonym
        self._settings = settings
        self._verifier = verifier
        self._explorer = explorer if settings.explorer else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            session = Session(self, WebSocket(scope, receive, send), self._settings)
            await session.run()
        elif scope["type"] == "http":
            await self._http(Request(scope, receive, send), receive, send)

    async def drain(self, seconds: float = 5) -> None:
        """Tell every subscriber that this process goes away, and wait until they are gone or the time is up."""
        await self.streams.close(seconds)

    async def close(self) -> None:
        """Drain, and let go of what was opened."""
        await self.drain()
        await self.engine.gate.bucket.close()

    async def identify(self, header: str | None) -> Identity | None:
        """Who an `Authorization` header speaks for; RefusedError where it is no good."""
        try:
            token = bearer(header)
            return None if token is None else await self._verifier.identify(token)
        except InvalidTokenError as error:
            raise unauthenticated(str(error)) from error
        except KeysUnavailableError as error:
            told = "Tokens cannot be checked now: the issuer's keys are out of reach."
            raise bad_request(503, "AUTH_UNAVAILABLE", told, headers={"retry-after": "30"}) from error

    def caller(self, connection: HTTPConnection, identity: Identity | None) -> Caller:
        """Whose budget is used, and how a context is made for them."""
        host = "unknown" if connection.client is None else connection.client.host
        viewer = f"address:{host}" if identity is None else f"subject:{identity.subject}"

        async def make() -> object:
            return await self._make_context(connection, identity)

        if self._pseudonym is not None:
            structlog.contextvars.bind_contextvars(viewer=self._pseudonym(viewer))
        trace = header(connection.scope, b"traceparent").decode("latin-1") or None
        client = client_name(connection.scope)
        return Caller(viewer, identity is not None, request_id(connection.scope), make, trace, client)

    async def _http(self, request: Request, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.scope["headers"])
        }
        accept = accepted(headers.get("accept"))
        media = accept.answer or JSON
        draft = self._settings.http_draft_status
        compress = "gzip" in headers.get("accept-encoding", "")
        try:
            if self._explorer is not None and _wants_page(request, accept):
                await self._explorer.page()(request.scope, receive, send)
                return
            answer = await self._answered(request, headers, accept, receive, send)
            if answer is not None:
                status = status_of(answer, media, draft=draft)
                known = headers.get("if-none-match", "") if request.method == "GET" else None
                await send_answer(send, status, answer, media, compress=compress, known=known)
        except RefusedError as refusal:
            self.engine.observer.refused(refusal.code)
            status = status_of_refusal(refusal, media, draft=draft)
            await send_json(send, status, {"errors": refusal.errors}, media, refusal.headers, compress=compress)
        except ClientGoneError:
            return
        except Exception as error:  # noqa: BLE001  what nobody foresaw is masked like everything else
            told = masked(error, None, request_id(request.scope))
            await send_json(send, 500, {"errors": [told]}, media, {}, compress=False)

    async def _answered(
        self, request: Request, headers: Mapping[str, str], accept: Accept, receive: Receive, send: Send
    ) -> Answer | None:
        """The answer to send; None where it was streamed."""
        if request.method not in {"GET", "POST"}:
            raise bad_request(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", headers=_METHODS)
        if accept.answer is None and not accept.events:
            raise bad_request(406, "NOT_ACCEPTABLE", "Accept application/graphql-response+json or application/json.")
        identity = await self.identify(headers.get("authorization"))
        body = None
        if request.method == "POST":
            body = await read_body(headers, receive, self._settings.max_body_bytes)
        caller = self.caller(request, identity)
        try:
            operation = await self._operation(body, request, caller)
            _check_method(operation, request.method)
        except RefusedError as refusal:
            if accept.answer is not None or refusal.fault == "request":
                raise
            self.engine.observer.refused(refusal.code)
            await stream(_only(Answer(None, refusal.errors, executed=False)), receive, send)
            return None
        is_subscription = operation.plan.kind is OperationType.SUBSCRIPTION
        if is_subscription and not accept.events:
            told = "Subscriptions need Accept: text/event-stream, or a WebSocket of graphql-transport-ws."
            raise bad_request(406, "NOT_ACCEPTABLE", told)
        if is_subscription or accept.answer is None:
            await self._stream(operation, caller, identity, receive, send)
            return None
        if operation.plan.kind is OperationType.MUTATION:
            return await self.engine.answer(operation, caller)
        known = await self.engine.at_hand(operation, caller)
        if known is not None:
            return known
        async with while_waited_for(receive):
            return await self.engine.answer(operation, caller)

    async def _operation(self, body: bytes | None, request: Request, caller: Caller) -> Operation:
        """Of a POST's body, or of the query string. What was found fit once is known again by its bytes."""
        sent = request.scope["query_string"] if body is None else body
        key = (body is None, caller.signed_in, sent)
        operation = self._repeats.get(key)
        if operation is None:
            params = from_query(QueryParams(sent)) if body is None else from_json(body)
            operation = await self.engine.prepare(params, signed_in=caller.signed_in)
            if self._settings.limits == "enforce":  # otherwise each time is told in the log
                self._repeats.put(key, operation)
        return operation

    async def _stream(
        self, operation: Operation, caller: Caller, identity: Identity | None, receive: Receive, send: Send
    ) -> None:
        if operation.plan.kind is OperationType.SUBSCRIPTION:
            answers = self.engine.events(operation, caller)
        else:
            answers = _only(await self.engine.answer(operation, caller))
        with self.streams.subscription(caller.viewer):
            seconds = None if identity is None else seconds_left(identity)
            await stream(answers, receive, send, closing=self.streams.closing, seconds=seconds)


def _wants_page(request: Request, accept: Accept) -> bool:
    return request.method == "GET" and accept.html


def _check_method(operation: Operation, method: str) -> None:
    if method == "GET" and operation.plan.kind is OperationType.MUTATION:
        raise bad_request(405, "METHOD_NOT_ALLOWED", "Mutations are sent by POST.", headers={"allow": "POST"})


async def _only(answer: Answer) -> AsyncGenerator[Answer, None]:
    yield answer
