"""A process that takes up runs, to be killed: `python -m tests.jobs.child DATABASE_URL SECRET_KEY`."""

from __future__ import annotations

import asyncio
import sys

from pydantic import SecretStr

from db import connection
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from jobs.work import working
from services import engine as engines
from services.run import Pace
from settings import Settings


async def main(database_url: str, secret_key: str) -> None:
    settings = Settings(
        database_url=database_url, secret_key=SecretStr(secret_key), canvas_allow_networks="127.0.0.0/8"
    )
    await connection.connect(database_url)
    broker = broker_of(settings)
    pace = Pace(lease=2, beat=0.5, sweep=0.2, told=0.05)
    async with engines.running(settings, TaskiqQueue(broker)) as engine, working(engine, broker, pace=pace):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
