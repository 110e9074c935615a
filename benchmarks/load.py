"""A plain HTTP/1.1 client that keeps many connections busy, cheap enough not to be what is measured."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson


@dataclass
class Load:
    """What came back. Seconds; `codes` are those of GraphQL errors, `statuses` HTTP's, 0 for a broken connection."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


Heard = Callable[[int, int, bytes, float], None]
"""Told of each answer: the client, its status (0: the connection broke), the content, and when it was asked."""


def nobody(_client: int, _status: int, _content: bytes, _asked: float) -> None:
    """Listens to nothing."""


def request(url: str, query: str, token: str, variables: dict[str, object] | None = None) -> bytes:
    """One POST, ready to be sent again and again."""
    parts = urlsplit(url)
    body = orjson.dumps({"query": query, "variables": variables or {}})
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(
    urls: Sequence[str],
    choose: Callable[[int, int], bytes],
    clients: int,
    seconds: float,
    *,
    pause: float = 0.0,
    heard: Heard = nobody,
    go_on: Callable[[], bool] = lambda: False,
) -> Load:
    """`choose(client, turn)` is what a client sends; each waits for its answer, and `pause` seconds, before the next.

    It lasts `seconds`, and longer where `go_on` says so.
    """
    load = Load()
    began = time.perf_counter()
    lasts = lambda: time.perf_counter() < began + seconds or go_on()  # noqa: E731
    await asyncio.gather(*(_client(urls[n % len(urls)], n, choose, lasts, pause, load, heard) for n in range(clients)))
    load.seconds = time.perf_counter() - began
    return load


async def _client(
    url: str,
    number: int,
    choose: Callable[[int, int], bytes],
    lasts: Callable[[], bool],
    pause: float,
    load: Load,
    heard: Heard,
) -> None:
    turn = 0
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    parts = urlsplit(url)
    while lasts():
        start = time.perf_counter()
        try:
            streams = streams or await asyncio.open_connection(parts.hostname, parts.port)
            status, content = await asyncio.wait_for(_exchange(*streams, choose(number, turn)), 60)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            load.statuses[0] += 1
            heard(number, 0, b"", start)
            streams = None
            await asyncio.sleep(0.5)
            continue
        turn += 1
        load.times.append(time.perf_counter() - start)
        load.statuses[status] += 1
        load.bytes += len(content)
        heard(number, status, content, start)
        if content.startswith(b'{"errors"'):
            load.codes.update(error["extensions"]["code"] for error in orjson.loads(content)["errors"])
        if pause:
            await asyncio.sleep(pause)
    if streams is not None:
        streams[1].close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> tuple[int, bytes]:
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)
