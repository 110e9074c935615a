"""Work for a client who has gone is stopped. Looking costs nothing for answers that come at once."""

from __future__ import annotations

import asyncio
from types import TracebackType

from starlette.types import Receive

from graph.http.body import ClientGoneError

LOOK_AFTER_SECONDS = 0.5


class while_waited_for:  # noqa: N801  used as a function is
    """Cancel the block when the client hangs up, and raise ClientGoneError. The request's body must have been read."""

    __slots__ = ("_gone", "_owner", "_receive", "_timer", "_watch")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._owner: asyncio.Task[object] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    async def __aenter__(self) -> None:
        self._owner = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(LOOK_AFTER_SECONDS, self._begin)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if isinstance(error, asyncio.CancelledError) and self._gone and self._owner and self._owner.uncancel() == 0:
            raise ClientGoneError from None

    def _begin(self) -> None:
        self._watch = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._owner is not None:
            self._owner.cancel()
