"""The services' queue, carried by taskiq, or by nothing but the database."""

from __future__ import annotations

import asyncio

import structlog
from redis.exceptions import RedisError
from taskiq import AsyncBroker
from taskiq.exceptions import TaskiqError
from taskiq.kicker import AsyncKicker

log = structlog.get_logger()
ENQUEUE_SECONDS = 2


class TaskiqQueue:
    """Hands a job's name and key to the broker. A broker that is away costs time, not the job: the sweep finds it."""

    def __init__(self, broker: AsyncBroker) -> None:
        self.broker = broker

    async def enqueue(self, job: str, key: int) -> None:
        """Ask for the job of that name for the row of that number; not from inside a transaction."""
        try:
            async with asyncio.timeout(ENQUEUE_SECONDS):
                await AsyncKicker[[int], None](task_name=job, broker=self.broker, labels={}).kiq(key)
        except (TaskiqError, RedisError, OSError):
            log.warning("jobs.broker_away", job=job, key=key)


class Unheard:
    """For a process that carries runs out itself or not at all: whatever it leaves is found by the sweeps of others."""

    async def enqueue(self, job: str, key: int) -> None:
        """Nothing: the run's row is the message."""
