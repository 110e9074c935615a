"""The body of a POST, never more of it than allowed, never of a type that a form could send."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Receive

from graph.refusal import RefusedError, bad_request


class ClientGoneError(Exception):
    """The client closed the connection before its request was whole."""


async def read_body(headers: Mapping[str, str], receive: Receive, most: int) -> bytes:
    """Check the headers, read."""
    _check_type(headers)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    return await _read(receive, most)


def _check_type(headers: Mapping[str, str]) -> None:
    """Only JSON: a page of another origin cannot send it without asking first, so no forged request gets through."""
    if headers.get("content-type") == "application/json" and "content-encoding" not in headers:
        return
    media, _, parameters = headers.get("content-type", "").lower().partition(";")
    name, _, value = parameters.strip().partition("=")
    charset = value.strip(' "') if name.strip() == "charset" else "utf-8"
    if media.strip() != "application/json" or charset not in {"utf-8", "utf8"}:
        raise bad_request(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.", {"accept-post": "application/json"}
        )
    if headers.get("content-encoding", "identity") != "identity":
        raise bad_request(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body uncompressed.", {"accept-encoding": "identity"})


async def _read(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(most: int) -> RefusedError:
    return bad_request(413, "BODY_TOO_LARGE", f"A request has at most {most} bytes.", limit=most)
