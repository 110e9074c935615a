"""`homeroom worker`: a process that does nothing but background work."""

from __future__ import annotations

import asyncio
import signal

import structlog

from canvas.pool import Transport
from db import connection
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from jobs.work import working
from services import engine as engines
from services.meters import Meters
from services.teams.nightly import Night
from settings import Settings

log = structlog.get_logger()


async def run_worker(settings: Settings, *, transport: Transport | None = None, meters: Meters | None = None) -> None:
    """Work until SIGTERM or SIGINT; then finish what can be finished in ten seconds and give the rest back.

    Without Redis there is no queue to listen to: it takes up, within half a minute, what other processes left.
    """
    counted = meters or Meters()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await connection.connect(settings.database_url, settings.mutation_seconds)
    try:
        broker = broker_of(settings)
        async with (
            engines.running(
                settings,
                TaskiqQueue(broker),
                on_call=counted.call,
                on_flight=counted.flight,
                watch=counted,
                transport=transport,
            ) as engine,
            working(engine, broker, listens=True, night=Night(settings.nightly_hour, settings.nightly_time_zone)),
        ):
            log.info("worker.ready")
            await stop.wait()
    finally:
        await connection.disconnect()
