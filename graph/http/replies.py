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


async def send_json(
    send: Send, status: int, body: Mapping[str, Any], media: str, headers: Mapping[str, str], *, compress: bool
) -> None:
    """Encode, compress where that pays, send."""
    content = orjson.dumps(body)
    extra = [(name.encode(), value.encode()) for name, value in headers.items()]
    if compress and len(content) >= _COMPRESS_FROM:
        content = await _gzip(content)
        extra.append((b"content-encoding", b"gzip"))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (
                    b"content-type",
                    b"application/graphql-response+json; charset=utf-8"
                    if media == GRAPHQL
                    else b"application/json; charset=utf-8",
                ),
                (b"content-length", str(len(content)).encode()),
                (b"cache-control", b"no-store"),
                (b"vary", b"Accept, Accept-Encoding, Authorization"),
                *extra,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def _gzip(content: bytes) -> bytes:
    if len(content) < _OFF_LOOP_FROM:
        return gzip.compress(content, _LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, content, _LEVEL, mtime=0)
