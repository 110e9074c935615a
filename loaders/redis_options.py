"""How Redis is asked: briefly, so that one that hangs holds nobody up for long."""

from __future__ import annotations

from typing import Any

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError


def options(seconds: float = 2) -> dict[str, Any]:
    """Arguments of a client. Seconds: for a connection, and for each reply.

    A command that meets a dead connection is sent again on a new one: those from before a restart of Redis are all dead,
    one after the other. One that had no reply in time is not: the next would wait as long.
    """
    retry = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": retry}
