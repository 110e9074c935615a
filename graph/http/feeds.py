"""Calendar feeds over HTTP: the one place where an address is the right to read."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.feeds import read_feed

_MEDIA_TYPE = "text/calendar; charset=utf-8"
_HEADERS = {"cache-control": "private, max-age=300", "x-content-type-options": "nosniff", "x-robots-tag": "noindex"}


def routes() -> list[Route]:
    """`GET /calendar/<feed>.ics`, answered by the engine in `app.state.engine`."""
    return [Route("/calendar/{token}.ics", _feed)]


async def _feed(request: Request) -> Response:
    """404 for whatever is no live feed; 304 for a calendar that the program has already. While parts are still being fetched
    nobody is to keep the answer.
    """
    file = await read_feed(request.app.state.engine, request.path_params["token"])
    if file is None:
        return PlainTextResponse("There is no such calendar.\n", 404, {"cache-control": "no-store"})
    headers = _HEADERS | {"etag": _etag(file.content)}
    if not file.complete:
        headers["cache-control"] = "no-store"
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if {headers["etag"].removeprefix("W/"), "*"} & known:
        return Response(status_code=304, headers=headers)
    return Response(file.content, 200, headers, media_type=_MEDIA_TYPE)


def _etag(content: bytes) -> str:
    """Weak: of everything but the moment at which the file was made."""
    made = (line for line in content.splitlines() if not line.startswith(b"DTSTAMP:"))
    return f'W/"{hashlib.sha256(b"".join(made)).hexdigest()[:32]}"'
