"""GraphQL over server-sent events, distinct connections mode: one operation per response, `next` events, then `complete`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.types import Receive, Send

from graph.http.answers import Answer

KEEP_ALIVE_SECONDS = 12.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_EXPIRED = Answer(
    None,
    [{"message": "The token has expired.", "extensions": {"code": "UNAUTHENTICATED"}}],
    executed=False,
)


async def stream(
    answers: AsyncGenerator[Answer, None],
    receive: Receive,
    send: Send,
    *,
    closing: asyncio.Event | None = None,
    seconds: float | None = None,
) -> None:
    """Send answers until there are no more, the client goes, the token expires (in `seconds`) or the process leaves."""
    await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
    await _write(send, b":\n\n")
    ends: list[asyncio.Future[Any]] = [asyncio.ensure_future(_gone(receive))]
    if closing is not None:
        ends.append(asyncio.ensure_future(closing.wait()))
    try:
        if await _pump(answers, send, ends, seconds):
            await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})
    finally:
        for end in ends:
            end.cancel()


async def _pump(
    answers: AsyncGenerator[Answer, None], send: Send, ends: list[asyncio.Future[Any]], seconds: float | None
) -> bool:
    """Answer whether anybody is left to be told that it is over."""
    clock = asyncio.get_running_loop().time
    until = math.inf if seconds is None else clock() + seconds
    gone, *leaving = ends
    upcoming: asyncio.Future[Any] = asyncio.ensure_future(anext(answers, None))
    try:
        while True:
            wait = max(0.0, min(until - clock(), KEEP_ALIVE_SECONDS))
            await asyncio.wait([upcoming, *ends], timeout=wait, return_when="FIRST_COMPLETED")
            if gone.done():
                return False
            if any(end.done() for end in leaving):
                return True
            if clock() >= until:
                await _event(send, _EXPIRED)
                return True
            if not upcoming.done():
                await _write(send, b":\n\n")
                continue
            answer = upcoming.result()
            if answer is None:
                return True
            await _event(send, answer)
            upcoming = asyncio.ensure_future(anext(answers, None))
    finally:
        await _stop(upcoming, answers)


async def _stop(upcoming: asyncio.Future[Any], answers: AsyncGenerator[Answer, None]) -> None:
    """End the operation, so that what it holds upstream is let go."""
    upcoming.cancel()
    await asyncio.wait([upcoming])
    await answers.aclose()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _event(send: Send, answer: Answer) -> None:
    await _write(send, b"event: next\ndata: " + orjson.dumps(answer.body) + b"\n\n")


async def _write(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})
