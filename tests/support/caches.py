"""A Redis of a test's own, where there is one."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis

REDIS = os.environ.get("HOMEROOM_TEST_REDIS_URL")


async def flushed(server: str) -> str:
    """The worker's own logical database of `server`, emptied."""
    parts = urlsplit(server)
    base = int(parts.path.strip("/") or 0)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = urlunsplit(parts._replace(path=f"/{base + worker}"))
    async with Redis.from_url(url) as client:
        await client.flushdb()
    return url
