"""A viewer's budget, in memory and in Redis."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from graph.limits.bucket import Level, MemoryBucket, RedisBucket


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_bucket_empties_and_fills_again() -> None:
    time = Time()
    bucket = MemoryBucket(1_000, 100, time)
    assert await bucket.take("rosa", 700) == Level(granted=True, taken=700, remaining=300, full_in=7.0, enough_in=0.0)
    assert await bucket.take("rosa", 500) == Level(granted=False, taken=0, remaining=300, full_in=7.0, enough_in=2.0)
    assert (await bucket.take("sam", 1_000)).granted
    time.now += 2
    assert (await bucket.take("rosa", 500)).remaining == 0
    time.now += 60
    assert (await bucket.take("rosa", 0)).remaining == 1_000


async def test_what_was_not_used_comes_back() -> None:
    bucket = MemoryBucket(1_000, 100, Time())
    await bucket.take("rosa", 700)
    bucket.give_back("rosa", 690)
    assert (await bucket.take("rosa", 0)).remaining == 990
    bucket.give_back("rosa", 5_000)
    assert (await bucket.take("rosa", 0)).remaining == 1_000


async def test_the_longest_unseen_viewer_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.limits.bucket._VIEWERS", 2)
    bucket = MemoryBucket(1_000, 1, Time())
    for viewer in ("a", "b", "a", "c"):
        await bucket.take(viewer, 100)
    assert (await bucket.take("a", 0)).remaining == 800
    assert list(bucket._held) == ["c", "a"]


async def test_two_processes_share_a_budget_in_redis(redis: str | None) -> None:
    if redis is None:
        pytest.skip("HOMEROOM_TEST_REDIS_URL is not set")
    connections = [Redis.from_url(redis), Redis.from_url(redis)]
    try:
        one, two = (RedisBucket(connection, 1_000, 1) for connection in connections)
        levels = await asyncio.gather(*(bucket.take("rosa", 300) for bucket in (one, two, one, two)))
        assert sorted(level.granted for level in levels) == [False, True, True, True]
        one.give_back("rosa", 300)
        assert (await one.take("rosa", 300)).granted
        assert (await two.take("rosa", 0)).remaining < 110
    finally:
        for connection in connections:
            await connection.aclose()


async def test_a_budget_survives_a_clock_that_is_put_back(redis: str | None) -> None:
    if redis is None:
        pytest.skip("HOMEROOM_TEST_REDIS_URL is not set")
    connection = Redis.from_url(redis)
    try:
        bucket = RedisBucket(connection, 1_000, 1_000)
        await bucket.take("rosa", 900)
        (key,) = [key async for key in connection.scan_iter("homeroom:budget:*")]
        await connection.hset(key, "since", (await connection.time())[0] + 86_400)  # type: ignore[misc]
        assert (await bucket.take("rosa", 50)).remaining == 50
        await asyncio.sleep(1.2)
        assert (await bucket.take("rosa", 0)).remaining == 1_000
    finally:
        await connection.aclose()


async def test_with_redis_away_each_process_counts_for_itself() -> None:
    time = Time()
    connection = Redis.from_url("redis://127.0.0.1:1/0")
    bucket = RedisBucket(connection, 1_000, 100, time)
    try:
        assert (await bucket.take("rosa", 700)).remaining == 300
        bucket.give_back("rosa", 100)
        assert (await bucket.take("rosa", 700)).granted is False
        assert (await bucket.take("rosa", 400)).remaining == 0
    finally:
        await connection.aclose()
