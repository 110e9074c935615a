"""Work for a client who has gone is stopped. Looking costs nothing for answers that come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive

from graph.http.body import ClientGoneError

LOOK_AFTER_SECONDS = 0.5


@asynccontextmanager
async def while_waited_for(receive: Receive) -> AsyncIterator[None]:
    """Cancel the block when the client hangs up, and raise ClientGoneError. The request's body must have been read."""
    owner = asyncio.current_task()
    watch: asyncio.Task[None] | None = None
    gone = False

    async def look() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        if owner is not None:
            owner.cancel()

    def begin() -> None:
        nonlocal watch
        watch = asyncio.create_task(look())

    timer = asyncio.get_running_loop().call_later(LOOK_AFTER_SECONDS, begin)
    try:
        yield
    except asyncio.CancelledError:
        if not gone or owner is None or owner.uncancel() > 0:
            raise
        raise ClientGoneError from None
    finally:
        timer.cancel()
        if watch is not None:
            watch.cancel()
