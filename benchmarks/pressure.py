"""Load on one address of this machine, by a client so cheap that the server is what is measured."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson
import uvloop

_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_BUFFER = 262_144
_GRACE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second, the 95th percentile in milliseconds, and how many were not answered with 200."""

    rps: float
    p95: float
    failed: int


@dataclass
class _Taken:
    ms: list[float] = field(default_factory=list)
    failed: int = 0


def apply(url: str, body: dict[str, object], headers: dict[str, str], clients: int, seconds: float) -> Load:
    """That many clients, each asking again as soon as it is answered."""
    return uvloop.run(_drive(url, _request(url, orjson.dumps(body), headers), clients, seconds))


def _request(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    sent = {"host": parts.netloc, "content-type": "application/json", "accept": "application/json", **headers}
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


async def _drive(url: str, request: bytes, clients: int, seconds: float) -> Load:
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    taken, start = _Taken(), time.perf_counter()
    callers = [_Caller(request, start + seconds, taken, loop.create_future()) for _ in range(clients)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, parts.hostname, parts.port)  # type: ignore[misc]
    await asyncio.wait([caller.done for caller in callers], timeout=seconds + _GRACE_SECONDS)
    unanswered = sum(not caller.done.done() for caller in callers)
    ms = taken.ms
    p95 = statistics.quantiles(ms, n=20)[-1] if len(ms) > 1 else 0.0
    return Load(len(ms) / (time.perf_counter() - start), p95, taken.failed + unanswered)


class _Caller(asyncio.BufferedProtocol):
    """One connection. What arrives is looked at only as far as needed to know where the answer ends."""

    def __init__(self, request: bytes, until: float, taken: _Taken, done: asyncio.Future[None]) -> None:
        self.done = done
        self._request = request
        self._until = until
        self._taken = taken
        self._buffer = memoryview(bytearray(_BUFFER))
        self._missing: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  how it was lost is not counted
        if not self.done.done():
            self._taken.failed += 1
            self.done.set_result(None)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  one buffer for whatever comes
        return self._buffer

    def buffer_updated(self, count: int) -> None:
        part = self._buffer[:count]
        if not self._begun:
            self._begin(bytes(part))
        elif self._missing is not None:
            self._missing -= count
        if self._missing == 0 or (self._missing is None and bytes(part[-len(_LAST_CHUNK) :]) == _LAST_CHUNK):
            self._answered()

    def _begin(self, part: bytes) -> None:
        """Read the head: of how many bytes the body is; None for one in chunks."""
        head, _, rest = part.partition(_HEAD_END)
        self._begun = True
        self._taken.failed += not head.startswith(b"HTTP/1.1 200")
        _, named, length = head.lower().partition(b"content-length:")
        self._missing = int(length.split(b"\r\n", 1)[0]) - len(rest) if named else None

    def _answered(self) -> None:
        now = time.perf_counter()
        self._taken.ms.append((now - self._asked) * 1000)
        if now < self._until:
            self._ask()
        else:
            self.done.set_result(None)
            self._transport.close()

    def _ask(self) -> None:
        self._begun = False
        self._asked = time.perf_counter()
        self._transport.write(self._request)
