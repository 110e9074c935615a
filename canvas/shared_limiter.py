"""One limit for all processes that use an access key, kept in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from canvas.calls import Kind
from canvas.limiter import NARROW_BELOW, WIDE_ABOVE, LocalLimiter, Width
from canvas.retry import Timing

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger()

LEASE_MS = 10_000
UNSEEN_MS = 1_000
POLL = 0.02
AWAY_FOR = 1.0
NARROW_MS = 60_000
PAUSE_MS = 60_000

# Leases and queue are sorted sets of tickets; a ticket's first letter is its kind. Dead processes fall out of both
# by time. A ticket is granted when fewer than the free slots stand before it, so nobody is overtaken.
_ENTER = """
local leases, queue, seen, narrow, pause, seq = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local ticket, total, graphql, lease, unseen = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
-- What is later than it can be was written before the clock was put back; its holder prolongs it, or it lapses.
for _, late in ipairs(redis.call('ZRANGEBYSCORE', leases, '(' .. (now + lease), '+inf')) do
  redis.call('ZADD', leases, now + lease, late)
end
for _, late in ipairs(redis.call('ZRANGEBYSCORE', seen, '(' .. now, '+inf')) do redis.call('ZADD', seen, now, late) end
for _, key in ipairs({pause, narrow}) do
  if redis.call('PTTL', key) > tonumber(ARGV[6]) then redis.call('PEXPIRE', key, ARGV[6]) end
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - unseen)) do
  redis.call('ZREM', queue, dead)
  redis.call('ZREM', seen, dead)
end
redis.call('ZADD', queue, 'NX', redis.call('INCR', seq), ticket)
redis.call('ZADD', seen, now, ticket)
for _, key in ipairs({queue, seen, seq, leases}) do redis.call('PEXPIRE', key, 60000) end
if redis.call('EXISTS', pause) == 1 then return 0 end
if redis.call('EXISTS', narrow) == 1 then total = 1 end
local free, free_graphql = total, graphql
for _, held in ipairs(redis.call('ZRANGE', leases, 0, -1)) do
  free = free - 1
  if string.sub(held, 1, 1) == 'g' then free_graphql = free_graphql - 1 end
end
for _, waiting in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
  if free <= 0 then return 0 end
  local is_graphql = string.sub(waiting, 1, 1) == 'g'
  if not is_graphql or free_graphql > 0 then
    if waiting == ticket then
      redis.call('ZREM', queue, ticket)
      redis.call('ZREM', seen, ticket)
      redis.call('ZADD', leases, now + lease, ticket)
      return 1
    end
    free = free - 1
    if is_graphql then free_graphql = free_graphql - 1 end
  end
end
return 0
"""

_RENEW = """
local t = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'XX', t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[2]), ARGV[1])
"""


class SharedLimiter:
    """The sum over all processes stays within the width; a killed process's slots return when its leases run out.

    Quirk:  while Redis is away each process falls to one request at a time.
    """

    def __init__(self, redis: Redis, bucket: str, width: Width, timing: Timing) -> None:
        self._redis: Any = redis
        self._width = width
        self._timing = timing
        self._local = LocalLimiter(width, timing)
        self._alone = LocalLimiter(Width(1, 1), timing)
        self._away_until = 0.0
        names = ("leases", "queue", "seen", "narrow", "pause", "seq")
        self._keys = [f"homeroom:canvas:{{{bucket}}}:{name}" for name in names]
        self._enter_script = self._redis.register_script(_ENTER)
        self._renew_script = self._redis.register_script(_RENEW)

    @asynccontextmanager
    async def slot(self, kind: Kind) -> AsyncIterator[None]:
        """Wait for a turn in this process, then for one among all processes."""
        async with self._local.slot(kind):
            ticket = f"{kind[0]}{uuid4().hex}"
            if not await self._entered(ticket):
                async with self._alone.slot(kind):
                    yield
                return
            renewing = asyncio.create_task(self._renew(ticket))
            try:
                yield
            finally:
                renewing.cancel()
                await self._forget(ticket)

    async def observe(self, remaining: float | None) -> None:
        """As the local limiter; below and above the marks every process is told."""
        if remaining is None:
            return
        with suppress(RedisError, OSError):
            if remaining < NARROW_BELOW:
                await self._redis.set(self._keys[3], 1, px=NARROW_MS)
            elif remaining > WIDE_ABOVE:
                await self._redis.delete(self._keys[3])

    async def throttled(self, pause: float) -> None:
        await self._alone.throttled(pause)
        with suppress(RedisError, OSError):
            await self._redis.set(self._keys[3], 1, px=NARROW_MS)
            await self._redis.set(self._keys[4], 1, px=min(PAUSE_MS, max(1, int(pause * 1000))))

    async def _entered(self, ticket: str) -> bool:
        """Poll until the ticket is granted; False while Redis is away."""
        if self._timing.clock() < self._away_until:
            return False
        arguments: list[str | int] = [ticket, self._width.total, self._width.graphql, LEASE_MS, UNSEEN_MS, PAUSE_MS]
        try:
            while not await self._enter_script(keys=self._keys, args=arguments):  # noqa: ASYNC110  another process wakes
                await asyncio.sleep(POLL)
        except (RedisError, OSError):
            self._away_until = self._timing.clock() + AWAY_FOR
            log.warning("canvas.limiter.redis_away")
            return False
        except asyncio.CancelledError:
            await self._forget(ticket)
            raise
        return True

    async def _renew(self, ticket: str) -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 3000)
            with suppress(RedisError, OSError):
                await self._renew_script(keys=self._keys[:1], args=[ticket, LEASE_MS])

    async def _forget(self, ticket: str) -> None:
        leases, queue, seen = self._keys[:3]
        with suppress(RedisError, OSError):
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.zrem(leases, ticket).zrem(queue, ticket).zrem(seen, ticket).execute()
