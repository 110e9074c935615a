"""What carries a job's name to a process: memory in a single process, Redis Streams between several."""

from __future__ import annotations

from typing import Any

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.result_backends.dummy import DummyResultBackend
from taskiq_redis import RedisStreamBroker

from loaders.redis_options import options
from settings import Settings

KEPT_MESSAGES = 10_000
BLOCK_SECONDS = 2
"""How long Redis may keep a worker's question for messages."""


def broker_of(settings: Settings) -> AsyncBroker:
    """The broker of these settings, not yet started.

    Its messages may be lost, repeated or late: the database is the truth of every job, so nothing is stored, retried
    or acknowledged for its own sake here.
    """
    if settings.redis_url is None:
        return InMemoryBroker(max_async_tasks=8).with_result_backend(DummyResultBackend[Any]())
    return RedisStreamBroker(
        settings.redis_url,
        queue_name="homeroom:jobs",
        consumer_group_name="homeroom",
        consumer_id="0",  # A group that is made after the first message reads that one too.
        maxlen=KEPT_MESSAGES,
        xread_block=1000 * BLOCK_SECONDS,
        unacknowledged_lock_timeout=10,  # A worker killed while it holds this lock must not stop the others.
        **options(2 * BLOCK_SECONDS),
    )
