"""The toy under a real server, for what an in-process transport does not show."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import uvicorn
from starlette.types import ASGIApp

from graph.http.server import DrainingServer


@asynccontextmanager
async def serving(
    app: ASGIApp, server_class: type[uvicorn.Server] = uvicorn.Server, **options: object
) -> AsyncIterator[int]:
    """The port on which it answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
    server = server_class(config, **options)  # type: ignore[arg-type]
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    running = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started:  # noqa: ASYNC110  uvicorn offers no event for it
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        listener.close()


__all__ = ["DrainingServer", "serving"]
