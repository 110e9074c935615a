from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import which

import httpx
import pytest
from redis.asyncio import Redis

from canvas.calls import Kind
from canvas.limiter import Limiter, LocalLimiter, Width
from canvas.pool import CanvasPool, PoolSettings
from canvas.retry import Timing
from canvas.shared_limiter import SharedLimiter
from tests.canvas.fake import FakeCanvas, FakeTime, answers, connection, ok

WIDTH = Width(6, 3)


class Flights:
    """Uses slots and remembers the most that were taken at once.

    Nobody gives a slot back before `full` are taken (in all, and of GraphQL), or five seconds have shown that they are not
    to be had: on a busy machine a slot is over before the next can be asked for.
    """

    def __init__(self, *limiters: Limiter, full: tuple[int, int] = (0, 0)) -> None:
        self.limiters = limiters
        self.full = full
        self.now: dict[Kind, int] = {"rest": 0, "graphql": 0}
        self.most = 0
        self.most_graphql = 0

    async def fly(self, kind: Kind, seconds: float = 0.005, by: int = 0) -> None:
        async with self.limiters[by].slot(kind):
            self.now[kind] += 1
            self.most = max(self.most, sum(self.now.values()))
            self.most_graphql = max(self.most_graphql, self.now["graphql"])
            await self._company(kind)
            await asyncio.sleep(seconds)
            self.now[kind] -= 1

    async def _company(self, kind: Kind) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self.most < self.full[0] or (kind == "graphql" and self.most_graphql < self.full[1]):  # noqa: ASYNC110  plain numbers
                    await asyncio.sleep(0.001)

    async def many(self, rest: int, graphql: int) -> tuple[int, int]:
        number = len(self.limiters)
        work = [self.fly("rest", by=n % number) for n in range(rest)]
        work += [self.fly("graphql", by=n % number) for n in range(graphql)]
        await asyncio.gather(*work)
        return self.most, self.most_graphql


async def test_six_in_flight_three_of_them_graphql() -> None:
    assert await Flights(LocalLimiter(WIDTH, Timing()), full=(6, 3)).many(30, 30) == (6, 3)
    assert await Flights(LocalLimiter(WIDTH, Timing()), full=(3, 3)).many(0, 30) == (3, 3)


async def test_the_client_keeps_to_it_for_all_users_of_one_key() -> None:
    fake = FakeCanvas(answers(ok({"data": {"a": 1}})), hold=0.005, full=6)
    pool = fake.pool()
    one, two = pool.canvas(connection(1)), pool.canvas(connection(2))
    work = [c.get("x") for c in (one, two) for _ in range(20)] + [c.graphql("query { a }") for c in (one, two)]
    await asyncio.gather(*work)
    assert fake.most == 6


async def test_another_key_has_its_own_limit() -> None:
    fake = FakeCanvas(answers(ok({})), hold=0.005, full=12)
    pool = fake.pool()
    one, two = pool.canvas(connection(1, key="a")), pool.canvas(connection(2, key="b"))
    await asyncio.gather(*(c.get("x") for c in (one, two) for _ in range(20)))
    assert fake.most == 12


async def test_a_low_bucket_narrows_to_one_until_it_is_over_300() -> None:
    limiter = LocalLimiter(WIDTH, Timing())
    await limiter.observe(149.9)
    assert await Flights(limiter).many(10, 2) == (1, 1)
    await limiter.observe(300.0)
    assert await Flights(limiter).many(10, 2) == (1, 1)
    await limiter.observe(300.1)
    assert await Flights(limiter, full=(6, 2)).many(10, 2) == (6, 2)
    await limiter.observe(150.0)
    assert await Flights(limiter, full=(6, 2)).many(10, 2) == (6, 2)


async def test_a_throttle_answer_pauses_everybody_then_goes_on_one_by_one() -> None:
    time_ = FakeTime()
    limiter = LocalLimiter(WIDTH, time_.timing())
    await limiter.throttled(4.0)
    assert await Flights(limiter).many(4, 0) == (1, 0)
    assert time_.slept == [4.0]
    for _ in range(2):
        await limiter.observe(None)
    assert await Flights(limiter, full=(3, 0)).many(10, 0) == (3, 0)


async def test_turns_come_in_the_order_of_asking_and_graphql_does_not_hold_up_rest() -> None:
    limiter = LocalLimiter(Width(2, 1), Timing())
    order: list[str] = []

    async def work(name: str, kind: Kind) -> None:
        async with limiter.slot(kind):
            order.append(name)
            await asyncio.sleep(0.001)

    await asyncio.gather(
        work("g1", "graphql"), work("g2", "graphql"), work("r1", "rest"), work("r2", "rest"), work("g3", "graphql")
    )
    assert order == ["g1", "r1", "g2", "r2", "g3"]


async def test_cancelled_waiters_and_holders_give_their_slot_back() -> None:
    limiter = LocalLimiter(WIDTH, Timing())
    flights = Flights(limiter)
    tasks = [asyncio.create_task(flights.fly("rest", 30)) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert limiter.in_flight == 6
    for task in tasks[4:]:
        task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert limiter.in_flight == 4
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert limiter.in_flight == 0


async def test_a_waiter_cancelled_in_the_moment_of_its_turn_passes_it_on() -> None:
    limiter = LocalLimiter(Width(1, 1), Timing())
    holder = limiter.slot("rest")
    await holder.__aenter__()
    flights = Flights(limiter)
    first, second = (asyncio.create_task(flights.fly("rest")) for _ in range(2))
    await asyncio.sleep(0)
    await holder.__aexit__(None, None, None)
    first.cancel()
    await asyncio.wait_for(second, 1)
    assert (first.cancelled(), flights.most, limiter.in_flight) == (True, 1, 0)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = which("redis-server")
    if server is None:
        pytest.skip("no redis-server on this machine")
    directory: Path = tmp_path_factory.mktemp("redis")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


async def test_several_processes_share_one_limit(redis: Redis) -> None:
    limiters = [SharedLimiter(redis, "b", WIDTH, Timing()) for _ in range(3)]
    assert await Flights(*limiters, full=(6, 3)).many(30, 15) == (6, 3)
    assert await redis.zcard("homeroom:canvas:{b}:leases") == 0


async def test_what_one_process_learns_holds_for_all(redis: Redis) -> None:
    one, two = (SharedLimiter(redis, "b", WIDTH, Timing()) for _ in range(2))
    await one.observe(100.0)
    assert await Flights(one, two).many(8, 0) == (1, 0)
    await two.observe(400.0)
    assert await Flights(one, two, full=(6, 0)).many(24, 0) == (6, 0)
    began = time.monotonic()
    await two.throttled(0.25)
    assert await Flights(one).many(2, 0) == (1, 0)
    assert time.monotonic() - began > 0.2


async def test_a_killed_process_gives_its_slots_back_by_time(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas.shared_limiter.LEASE_MS", 300)
    killed = SharedLimiter(redis, "b", Width(1, 1), Timing())
    began = time.monotonic()
    assert await killed._entered("r-of-the-dead")
    assert await Flights(SharedLimiter(redis, "b", Width(1, 1), Timing())).many(1, 0) == (1, 0)
    assert 0.2 < time.monotonic() - began < 5


async def test_a_long_request_keeps_its_lease(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas.shared_limiter.LEASE_MS", 600)
    one, two = (SharedLimiter(redis, "b", Width(1, 1), Timing()) for _ in range(2))
    flights = Flights(one, two)
    await asyncio.gather(flights.fly("rest", 1.2, by=0), flights.fly("rest", 0.01, by=1))
    assert flights.most == 1


async def test_a_clock_that_is_put_back_keeps_no_slot_from_anybody(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Redis holds of before the jump: a slot, a waiter and a pause, all an hour ahead of what is possible."""
    monkeypatch.setattr("canvas.shared_limiter.LEASE_MS", 300)
    hour = 3_600_000
    later = (await redis.time())[0] * 1000 + hour
    await redis.zadd("homeroom:canvas:{b}:leases", {"r-of-the-dead": later})
    await redis.zadd("homeroom:canvas:{b}:queue", {"r-of-a-dead-waiter": -1})
    await redis.zadd("homeroom:canvas:{b}:seen", {"r-of-a-dead-waiter": later})
    monkeypatch.setattr("canvas.shared_limiter.PAUSE_MS", 200)
    await redis.set("homeroom:canvas:{b}:pause", 1, px=hour)
    await redis.set("homeroom:canvas:{b}:narrow", 1, px=hour)
    began = time.monotonic()
    assert await Flights(SharedLimiter(redis, "b", Width(1, 1), Timing())).many(1, 0) == (1, 0)
    assert 0.2 < time.monotonic() - began < 5


async def test_the_longest_waiting_process_is_next(redis: Redis) -> None:
    busy, other = (SharedLimiter(redis, "b", Width(1, 1), Timing()) for _ in range(2))
    order: list[str] = []
    waiting = asyncio.Event()

    async def work(name: str, limiter: SharedLimiter) -> None:
        async with limiter.slot("rest"):
            order.append(name)
            await waiting.wait()

    tasks = [asyncio.create_task(work("busy", busy)) for _ in range(8)]
    while not order:  # noqa: ASYNC110  a plain list
        await asyncio.sleep(0.001)
    tasks.append(asyncio.create_task(work("other", other)))
    while not await redis.zcard("homeroom:canvas:{b}:queue"):  # noqa: ASYNC110  Redis tells nobody
        await asyncio.sleep(0.001)
    waiting.set()
    await asyncio.gather(*tasks)
    assert order.index("other") == 1


async def test_a_cancelled_waiter_leaves_the_shared_queue(redis: Redis) -> None:
    one, two = (SharedLimiter(redis, "b", Width(1, 1), Timing()) for _ in range(2))
    flights = Flights(one, two)
    holder = asyncio.create_task(flights.fly("rest", 30, by=0))
    await asyncio.sleep(0.05)
    waiter = asyncio.create_task(flights.fly("rest", by=1))
    await asyncio.sleep(0.05)
    waiter.cancel()
    holder.cancel()
    await asyncio.gather(holder, waiter, return_exceptions=True)
    assert await redis.zcard("homeroom:canvas:{b}:queue") == 0
    assert await redis.zcard("homeroom:canvas:{b}:leases") == 0


async def test_with_redis_away_each_process_falls_to_one() -> None:
    gone = Redis.from_url("redis://127.0.0.1:1/0")
    limiters = [SharedLimiter(gone, "b", WIDTH, Timing()) for _ in range(2)]
    assert await Flights(limiters[0]).many(10, 3) == (1, 1)
    assert await Flights(*limiters, full=(2, 2)).many(10, 4) == (2, 2)
    await limiters[0].observe(10.0)
    await limiters[0].throttled(0.0)
    await gone.aclose()


async def test_the_pool_uses_the_shared_limit(redis: Redis) -> None:
    fake = FakeCanvas(answers(ok({}), httpx.Response(200, json={})), hold=0.01, full=6)
    pools = [CanvasPool(PoolSettings(), transport=fake, redis=redis) for _ in range(2)]
    await asyncio.gather(*(pool.canvas(connection()).get("x") for pool in pools for _ in range(20)))
    assert fake.most == 6
    assert len(fake.requests) == 40
