"""What every answer of this host carries, and which origins may call it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

import structlog
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CLIENT = re.compile(r"[A-Za-z0-9 ._/@-]{1,64}")
_CLIENT_NAMES = frozenset({b"apollographql-client-name", b"x-client-name"})
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
)
_SECURE = (*_ALWAYS, (b"strict-transport-security", b"max-age=31536000"))
_NAMES = frozenset(name for name, _ in _SECURE)
_BY_ORIGIN = (b"vary", b"Origin")


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of that name, in small letters; empty without one."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return b""


def request_id(scope: Scope) -> str:
    """The id by which this request is found in the logs: the caller's own `x-request-id` where it is usable."""
    state = scope.setdefault("state", {})
    if "request_id" not in state:
        given = header(scope, b"x-request-id").decode("latin-1")
        state["request_id"] = given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
    return str(state["request_id"])


def client_name(scope: Scope) -> str | None:
    """The frontend that asks, by its own word; None where it says nothing usable."""
    for key, value in scope["headers"]:
        if key in _CLIENT_NAMES:
            name = value.decode("latin-1")
            return name if _CLIENT.fullmatch(name) else None
    return None


class Shell:
    """Request id and security headers. A page that needs another content security policy sets its own.

    What is `direct`, by path, answers for itself whatever happens: without routing, and without CORS where there is no
    origin that may or may not call.
    """

    def __init__(self, app: ASGIApp, direct: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        identifier = request_id(scope)
        always = _SECURE if scope.get("scheme") in {"https", "wss"} else _ALWAYS
        direct = None if header(scope, b"origin") else self._direct.get(scope["path"])

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                own = _NAMES.intersection([name for name, _ in given])
                added = always if not own else [line for line in always if line[0] not in own]
                by_origin = () if direct is None else (_BY_ORIGIN,)
                message["headers"] = [*given, (b"x-request-id", identifier.encode()), *added, *by_origin]
            await send(message)

        client = client_name(scope)
        said = {} if client is None else {"client": client}
        bound = structlog.contextvars.bind_contextvars(request_id=identifier, **said)
        try:
            await (direct or self._app)(scope, receive, dressed)
        finally:
            structlog.contextvars.reset_contextvars(**bound)


def middleware(settings: Settings, direct: Mapping[str, ASGIApp] | None = None) -> list[Middleware]:
    """For the application around all routes, outermost first. `direct`: see `Shell`."""
    return [
        Middleware(Shell, direct=direct or {}),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=[
                "authorization",
                "content-type",
                "x-request-id",
                "apollographql-client-name",
                "apollographql-client-version",
                "x-client-name",
            ],
            expose_headers=["x-request-id", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"],
            max_age=600,
        ),
    ]
