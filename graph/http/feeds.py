"""Calendar feeds over HTTP: the one place where an address is the right to read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.feeds import read_feed

_HEADERS = {"cache-control": "private, max-age=300", "x-content-type-options": "nosniff", "x-robots-tag": "noindex"}


def routes() -> list[Route]:
    """`GET /calendar/<feed>.ics`, answered by the engine in `app.state.engine`."""
    return [Route("/calendar/{token}.ics", _feed)]


async def _feed(request: Request) -> Response:
    """404 for whatever is no live feed. While parts are still being fetched nobody is to keep the answer."""
    file = await read_feed(request.app.state.engine, request.path_params["token"])
    if file is None:
        return PlainTextResponse("There is no such calendar.\n", 404, {"cache-control": "no-store"})
    headers = _HEADERS if file.complete else _HEADERS | {"cache-control": "no-store"}
    return Response(file.content, 200, headers, media_type="text/calendar; charset=utf-8")
