"""Starting and stopping what lives as long as the process, the same for the API, the workers and the command line."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from redis.asyncio import Redis

from canvas.calls import OnCall, OnFlight, ignore, ignore_flight
from canvas.pool import CanvasPool, PoolSettings, Transport
from db.sealing import Keyring
from db.versions import versions_of
from domain.clock import Clock, utc_now
from domain.queue import Queue
from loaders.bus import Bus, LocalBus, RedisBus
from loaders.cache import FactCache
from loaders.canvases import Canvases
from loaders.entries import Lifetimes
from loaders.redis_options import options
from loaders.store import MemoryStore, RedisStore, Store
from loaders.table import FactTable
from loaders.versions import FactVersions
from loaders.watch import Watch
from services.operation import Engine
from services.snapshots import Snapshots
from settings import Settings


@asynccontextmanager
async def running(
    settings: Settings,
    queue: Queue,
    *,
    clock: Clock = utc_now,
    on_call: OnCall = ignore,
    on_flight: OnFlight = ignore_flight,
    watch: Watch | None = None,
    transport: Transport | None = None,
) -> AsyncIterator[Engine]:
    """An engine over an open database. `transport` stands in for the network in tests."""
    if settings.secret_key is None:
        raise ValueError("HOMEROOM_SECRET_KEY is not set.")
    async with AsyncExitStack() as stack:
        redis = await _redis(settings, stack)
        pool = CanvasPool(
            _pool_settings(settings), transport=transport, redis=redis, on_call=on_call, on_flight=on_flight
        )
        stack.push_async_callback(pool.aclose)
        store, bus = _shared(redis)
        canvases = Canvases(pool, Keyring.parse(settings.secret_key.get_secret_value()))
        table = FactTable()
        facts = FactCache(store, table, bus, canvases.get, _lifetimes(settings), clock, watch)
        await bus.start()
        stack.push_async_callback(bus.stop)
        await table.start()
        stack.push_async_callback(facts.close)
        snapshots = Snapshots(versions_of(settings.database_url), FactVersions(bus))
        stack.push_async_callback(snapshots.close)
        yield Engine(facts, canvases, bus, queue, clock, snapshots, settings.auth_subject)


async def _redis(settings: Settings, stack: AsyncExitStack) -> Redis | None:
    if settings.redis_url is None:
        return None
    redis: Redis = Redis.from_url(settings.redis_url, health_check_interval=30, **options())
    stack.push_async_callback(redis.aclose)
    return redis


def _shared(redis: Redis | None) -> tuple[Store, Bus]:
    if redis is None:
        return MemoryStore(), LocalBus()
    return RedisStore(redis), RedisBus(redis, secrets.token_hex(8))


def _pool_settings(settings: Settings) -> PoolSettings:
    return PoolSettings(
        concurrency=settings.canvas_concurrency,
        graphql_concurrency=max(1, settings.canvas_concurrency // 2),
        allow_networks=settings.allowed_networks,
        ca_file=settings.canvas_ca_file,
        proxy=settings.canvas_proxy,
    )


def _lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        fresh=timedelta(seconds=settings.fresh_seconds),
        stale=timedelta(seconds=settings.stale_seconds),
        cold_wait=timedelta(seconds=settings.cold_wait_seconds),
        failure=timedelta(seconds=settings.failure_seconds),
    )
