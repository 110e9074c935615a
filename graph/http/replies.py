"""Answers as bytes on the wire: status, headers, body."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Send

from graph.http.answers import Answer
from graph.http.negotiation import GRAPHQL, JSON
from graph.refusal import RefusedError

_COMPRESS_FROM = 1_400
_OFF_LOOP_FROM = 100_000
_LEVEL = 4

Header = tuple[bytes, bytes]
_TYPES: dict[str, Header] = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in (GRAPHQL, JSON)}
_NEVER: Header = (b"cache-control", b"no-store")
_ASK_AGAIN: Header = (b"cache-control", b"private, no-cache")
_VARY: Header = (b"vary", b"Accept, Accept-Encoding, Authorization")
_GZIP: Header = (b"content-encoding", b"gzip")


def status_of(answer: Answer, media: str, *, draft: bool) -> int:
    """The status of an operation that was tried; application/json clients look into the body instead."""
    if media == JSON or not (answer.errors or not answer.executed):
        return 200
    if not answer.executed:
        return 422 if draft else 400
    return 294 if draft and answer.data is not None else 200


def status_of_refusal(refusal: RefusedError, media: str, *, draft: bool) -> int:
    """The status of a request that was not executed."""
    if refusal.fault == "request":
        return refusal.status
    if media == JSON:
        return 200
    return 422 if draft and refusal.fault == "document" else 400


async def send_answer(
    send: Send, status: int, answer: Answer, media: str, *, compress: bool, known: str | None = None
) -> None:
    """An answer to a GET (`known` is its If-None-Match, maybe empty) has a tag, and no body where the client has it."""
    headers = answer.headers or {}
    if answer.encoded is None:
        await send_json(send, status, answer.body, media, headers, compress=compress)
        return
    lines = [_TYPES[media], _VARY, *_lines(headers)]
    if known is None:
        lines.append(_NEVER)
    else:
        lines += [_ASK_AGAIN, (b"etag", answer.encoded.tag.encode())]
        if _holds(known, answer.encoded.tag):
            await _send(send, 304, b"", lines)
            return
    start, rest = answer.encoded.start, answer.rest
    if compress and len(start) >= _COMPRESS_FROM:
        await _send(send, status, await answer.encoded.gzipped(rest), [*lines, _GZIP])
    elif len(start) < _OFF_LOOP_FROM:
        await _send(send, status, start + rest, lines)
    else:
        await _send(send, status, start, lines, rest)


async def send_json(
    send: Send, status: int, body: Mapping[str, Any], media: str, headers: Mapping[str, str], *, compress: bool
) -> None:
    """Encode, compress where that pays, send."""
    content = orjson.dumps(body)
    lines = [_TYPES[media], _VARY, _NEVER, *_lines(headers)]
    if compress and len(content) >= _COMPRESS_FROM:
        content = await _gzip(content)
        lines.append(_GZIP)
    await _send(send, status, content, lines)


async def _send(send: Send, status: int, content: bytes, headers: list[Header], rest: bytes = b"") -> None:
    """`rest` goes after the content, without either being copied: answers are long and sent often."""
    if status != 304:
        headers.append((b"content-length", b"%d" % (len(content) + len(rest))))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if rest:
        await send({"type": "http.response.body", "body": content, "more_body": True})
    await send({"type": "http.response.body", "body": rest or content})


def _lines(headers: Mapping[str, str]) -> list[Header]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _holds(known: str, tag: str) -> bool:
    """Whether If-None-Match names the tag: weak and strong ones compare alike (RFC 9110, 13.1.2)."""
    names = {part.strip().removeprefix("W/") for part in known.split(",")}
    return "*" in names or tag.removeprefix("W/") in names


async def _gzip(content: bytes) -> bytes:
    if len(content) < _OFF_LOOP_FROM:
        return gzip.compress(content, _LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, content, _LEVEL, mtime=0)
