"""A Canvas at the socket: answers from a handler, remembers what was asked, counts what is in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import httpx

from canvas.calls import Call
from canvas.client import Canvas
from canvas.connection import Connection
from canvas.pool import CanvasPool, PoolSettings
from canvas.retry import Timing

KEY = "canary-key-7f3a9c"
ORIGIN = "https://canvas.example"
Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def timing(self) -> Timing:
        """With the dice always at their largest."""
        return Timing(self.clock, self.sleep, lambda _, high: high)


class FakeCanvas(httpx.AsyncBaseTransport):
    """`hold`: how many seconds an answer takes. Nobody is answered before `full` were in flight, for five seconds at most."""

    def __init__(self, handler: Handler, hold: float = 0.0, full: int = 0) -> None:
        self.handler = handler
        self.hold = hold
        self.full = full
        self.requests: list[httpx.Request] = []
        self.flying = 0
        self.most = 0
        self.time = FakeTime()
        self.calls: list[Call] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            await self._company()
            if self.hold:
                await asyncio.sleep(self.hold)
            answer = self.handler(request)
            return await answer if isinstance(answer, Awaitable) else answer
        finally:
            self.flying -= 1

    async def _company(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self.most < self.full:  # noqa: ASYNC110  a plain number
                    await asyncio.sleep(0.001)

    @property
    def asked(self) -> list[str]:
        return [f"{r.method} {unquote(r.url.raw_path.decode())}" for r in self.requests]

    def pool(self, **settings: Any) -> CanvasPool:
        return CanvasPool(
            PoolSettings(**settings), transport=self, timing=self.time.timing(), on_call=self.calls.append
        )

    def canvas(self, **settings: Any) -> Canvas:
        return self.pool(**settings).canvas(connection())


def connection(provider: int = 7, base_url: str = ORIGIN, key: str = KEY) -> Connection:
    return Connection(provider, base_url, "1", key)


def answers(*responses: httpx.Response | Exception) -> Handler:
    """One after the other; the last again and again."""
    left = list(responses)

    def handler(_: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handler


def ok(payload: Any, **headers: str) -> httpx.Response:
    return httpx.Response(200, json=payload, headers={k.replace("_", "-"): v for k, v in headers.items()})
