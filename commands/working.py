"""`worker`: a process that does nothing but background work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvicorn
from prometheus_client import Metric
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commands.running import require_current
from commands.serving import check_settings
from graph.http.metrics import metrics_route
from graph.logging import configure_logging
from jobs.worker import run_worker
from services.meters import Meters
from settings import Settings, settings


def worker(*, host: str = "127.0.0.1", port: int | None = None) -> None:
    """Carry out background work until told to stop. With --port it answers /healthz and /metrics there.

    Example: HOMEROOM_REDIS_URL=redis://cache:6379/0 homeroom worker --port 9000

    Args:
        host: The address to listen on.
        port: Answer /healthz and /metrics here; without it, nowhere.
    """
    chosen = settings()
    check_settings(chosen)
    configure_logging(chosen.log_level)
    asyncio.run(_work(chosen, host, port))


async def _work(chosen: Settings, host: str, port: int | None) -> None:
    await require_current(chosen)
    meters = Meters()
    async with _telling(chosen, meters, host, port) if port is not None else contextlib.nullcontext():
        await run_worker(chosen, meters=meters)


@asynccontextmanager
async def _telling(chosen: Settings, meters: Meters, host: str, port: int) -> AsyncIterator[None]:
    app = Starlette(routes=[Route("/healthz", _healthy), metrics_route(chosen, meters, _nothing)])
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_config=None, lifespan="off"))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # the worker's own
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _nothing() -> Sequence[Metric]:
    return []
