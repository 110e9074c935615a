"""News between readers: which facts have just been stored or have just failed, here and in other processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import msgspec
import structlog
from redis.asyncio import Redis

from loaders.store import AWAY

log = structlog.get_logger()
CHANNEL = "homeroom:news"


class News(msgspec.Struct, frozen=True):
    """`topic` says what happened (`facts`, `expired`, `run`, …) and `keys` to what.

    `failures` gives the reason of those keys whose fetch failed; `origin` is the process, empty for this one.
    """

    topic: str
    provider: int
    keys: tuple[str, ...] = ()
    failures: dict[str, str] = {}
    origin: str = ""


Listener = Callable[[News], None]


class Bus(Protocol):
    """`publish` reaches every listener of this process at once, those of others soon.

    `connected`: news of other processes, where there are any, do arrive.
    """

    connected: bool

    async def publish(self, news: News) -> None: ...

    def listen(self, listener: Listener) -> Callable[[], None]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class LocalBus:
    """All there is in a single process."""

    def __init__(self) -> None:
        self.connected = True
        self._listeners: list[Listener] = []

    async def publish(self, news: News) -> None:
        self.deliver(news)

    def deliver(self, news: News) -> None:
        for listener in tuple(self._listeners):
            listener(news)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with all news from now on; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to close."""


class RedisBus(LocalBus):
    """Local delivery at once, and Redis pub/sub for the other processes. A lost connection is news too: `resync`.

    Quirk:  Redis tells everybody of a channel, whatever their logical database: ours is in the channel's name.
    """

    def __init__(self, client: Redis, origin: str) -> None:
        super().__init__()
        self.connected = False
        self._client = client
        self._origin = origin
        self._channel = f"{CHANNEL}:{client.connection_pool.connection_kwargs.get('db') or 0}"
        self._task: asyncio.Task[None] | None = None

    async def publish(self, news: News) -> None:
        self.deliver(news)
        try:
            await self._client.publish(
                self._channel, msgspec.msgpack.encode(msgspec.structs.replace(news, origin=self._origin))
            )
        except AWAY:
            log.warning("redis.away", operation="publish")

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="bus")

    async def stop(self) -> None:
        if self._task is not None:
            while not self._task.done():  # The client may swallow a cancellation while it connects.
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=0.5)

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except AWAY:
                log.warning("redis.away", operation="subscribe")
            finally:
                self.connected = False
            await asyncio.sleep(1)

    async def _follow(self) -> None:
        async with self._client.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            async for message in pubsub.listen():
                if message["type"] == "subscribe":
                    self.deliver(News("resync", 0))
                    self.connected = True
                elif message["type"] == "message":
                    self._hear(msgspec.msgpack.decode(message["data"], type=News))

    def _hear(self, news: News) -> None:
        if news.origin != self._origin:
            self.deliver(news)


async def stream(bus: Bus, wanted: Callable[[News], bool]) -> AsyncIterator[News]:
    """News as they come, newest kept when the reader is slow; ends when the reader stops."""
    queue: asyncio.Queue[News] = asyncio.Queue(maxsize=100)

    def put(news: News) -> None:
        if wanted(news):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(news)

    unlisten = bus.listen(put)
    try:
        while True:
            yield await queue.get()
    finally:
        unlisten()
