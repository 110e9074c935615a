"""The explorer's files over HTTP: named one by one, compressed once, cached by browsers for as long as they like."""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from graph.explorer.pins import PINS

_HERE = Path(__file__).parent
OWN = ("explorer.js", "explorer.css")
_FILES = {pin.name: pin.file for pin in PINS} | {name: _HERE / name for name in OWN}
_TYPES = {".js": "text/javascript", ".css": "text/css"}


@lru_cache
def _load(name: str) -> tuple[bytes, bytes, str]:
    """The file, its gzip, its sha384 in base64."""
    content = _FILES[name].read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    return content, gzip.compress(content, 6, mtime=0), digest


def integrity(name: str) -> str:
    """For the `integrity` attribute of the tag that loads it."""
    return f"sha384-{_load(name)[2]}"


async def asset(request: Request) -> Response:
    """GET /explorer/{name}."""
    name = request.path_params["name"]
    if name not in _FILES or not _FILES[name].is_file():
        return Response(status_code=404)
    content, packed, digest = _load(name)
    tag = f'"{digest[:24]}"'
    pinned = name not in OWN
    headers = {
        "etag": tag,
        "vary": "Accept-Encoding",
        "cache-control": "public, max-age=31536000, immutable" if pinned else "no-cache",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        content = packed
    return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])
