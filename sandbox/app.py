"""The stand-in as an ASGI application."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.ask import JSON
from sandbox.behaviour import Behaviour
from sandbox.control import control_routes
from sandbox.gate import Gate
from sandbox.log import RequestLog
from sandbox.rest.reports import download
from sandbox.routes import routes
from sandbox.throttle import Buckets
from sandbox.world import World

UNGUARDED = ("/_control", "/files/")
NO_SUCH = b'{"errors":[{"message":"The specified resource does not exist."}]}'


class Sandbox(Starlette):
    """Starlette behind the gate; `/_control`, finished files and everything but HTTP go past it."""

    gate: Gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UNGUARDED):
            await self.gate(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    world: World, behaviour: Behaviour | None = None, clock: Callable[[], float] = time.monotonic
) -> Sandbox:
    """One Canvas over a world. `app.state` has world, behaviour, log and buckets; any number of apps may run side by side."""
    behaviour = behaviour if behaviour is not None else Behaviour()
    app = Sandbox(
        routes=[*control_routes(), *routes(), Route("/files/{report}/download", download)],
        exception_handlers={404: _no_such, 405: _no_such},
    )
    app.state.world = world
    app.state.behaviour = behaviour
    app.state.log = RequestLog()
    app.state.buckets = Buckets(behaviour, clock)
    app.gate = Gate(super(Sandbox, app).__call__, world, behaviour, app.state.log, app.state.buckets)
    return app


async def _no_such(_: Request, __: Exception | HTTPException) -> Response:
    return Response(NO_SUCH, 404, media_type=JSON)
