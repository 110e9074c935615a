"""Several processes over one Redis, and a Redis that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from domain.enums import SourceState
from domain.errors import UpstreamError
from loaders.bus import News, RedisBus
from loaders.cache import FactCache
from tests.loaders.facts import Upstream, cache, settled
from tests.support.caches import REDIS
from tests.support.house import Clock

CANVAS = 1
NOWHERE = "redis://127.0.0.1:1/0"
shared = pytest.mark.skipif(REDIS is None, reason="HOMEROOM_TEST_REDIS_URL is not set")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def two(database: str, redis: str | None, clock: Clock) -> AsyncIterator[list[FactCache]]:
    """Two processes' caches, each following the other's news."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(cache(clock, redis)) for _ in range(2)]
        heard: list[set[str]] = [set(), set()]
        for at, facts in enumerate(opened):
            facts.bus.listen(lambda news, at=at: heard[at].add(news.topic))  # type: ignore[misc]
        await settled(lambda: all("resync" in topics for topics in heard))
        yield opened


@shared
async def test_two_processes_that_read_the_same_cold_fact_cost_one_call(two: list[FactCache]) -> None:
    upstream = Upstream()
    upstream.open.clear()
    readers = [asyncio.create_task(facts.read(upstream.kind, CANVAS, ["1", "2"])) for facts in two * 10]
    await settled(lambda: upstream.asked)
    await asyncio.sleep(0.05)
    upstream.open.set()
    readings = [reading for found in await asyncio.gather(*readers) for reading in found.values()]
    assert {reading.freshness.state for reading in readings} == {SourceState.FRESH}
    assert upstream.asked == [["1", "2"]]


@shared
async def test_a_reader_that_sees_the_fact_first_does_not_cost_a_second_call(two: list[FactCache]) -> None:
    """Between the news and the look at the store somebody else in this process has looked already."""
    upstream, first, other = Upstream(), *two
    upstream.open.clear()
    looks: list[asyncio.Task[object]] = []

    def look(news: News) -> None:
        if news.topic == "facts":
            looks.append(asyncio.create_task(other.read(upstream.kind, CANVAS, ["1"], wait=False)))

    other.bus.listen(look)
    readers = [asyncio.create_task(facts.read(upstream.kind, CANVAS, ["1"])) for facts in (first, other)]
    await settled(lambda: upstream.asked)
    await asyncio.sleep(0.05)
    upstream.open.set()
    await asyncio.gather(*readers)
    await settled(lambda: looks)
    await asyncio.gather(*looks)
    assert upstream.asked == [["1"]]


@shared
@pytest.mark.parametrize("error", [None, UpstreamError(CANVAS)])
async def test_news_that_come_while_a_claim_is_being_refused_are_not_waited_for(
    two: list[FactCache], monkeypatch: pytest.MonkeyPatch, error: UpstreamError | None
) -> None:
    upstream, first, other = Upstream(), *two
    upstream.open.clear()
    upstream.error = error
    heard, looked = asyncio.Event(), other.store.claim
    other.bus.listen(lambda news: heard.set() if news.topic == "facts" else None)

    async def refused_late(*given: Any) -> set[str]:
        won = await looked(*given)
        upstream.open.set()
        await heard.wait()
        return won

    monkeypatch.setattr(other.store, "claim", refused_late)
    fetching = asyncio.create_task(first.read(upstream.kind, CANVAS, ["1"]))
    await settled(lambda: upstream.asked)
    async with asyncio.timeout(10):
        await other.refresh(upstream.kind, CANVAS, ["1"])
    assert other.peek(upstream.kind, CANVAS, ["1"])["1"].freshness.state is (
        SourceState.FAILED if error else SourceState.FRESH
    )
    await fetching
    assert upstream.asked == [["1"]]


@shared
async def test_a_refresh_asks_again_though_it_has_just_failed(two: list[FactCache]) -> None:
    upstream = Upstream()
    upstream.error = UpstreamError(CANVAS)
    await two[0].read(upstream.kind, CANVAS, ["1"])
    upstream.error = None
    await two[0].refresh(upstream.kind, CANVAS, ["1"])
    assert two[0].peek(upstream.kind, CANVAS, ["1"])["1"].freshness.state is SourceState.FRESH


@shared
async def test_a_fact_of_one_process_is_the_others_too(two: list[FactCache]) -> None:
    upstream = Upstream()
    first = await two[0].read(upstream.kind, CANVAS, ["1"])
    assert await two[1].read(upstream.kind, CANVAS, ["1"]) == first
    assert len(upstream.asked) == 1


@shared
async def test_a_refresh_through_one_is_fresh_on_the_other(two: list[FactCache], clock: Clock) -> None:
    upstream = Upstream()
    for facts in two:
        await facts.read(upstream.kind, CANVAS, ["1"])
    clock.pass_(seconds=1)
    upstream.name = "second"
    await two[0].expire(CANVAS)
    await two[0].refresh(upstream.kind, CANVAS, ["1"])

    async with asyncio.timeout(5):
        while True:
            reading = (await two[1].read(upstream.kind, CANVAS, ["1"]))["1"]
            if reading.value is not None and reading.value.name == "second":
                break
            await asyncio.sleep(0.01)
    assert reading.freshness.state is SourceState.FRESH
    assert 2 <= len(upstream.asked) <= 3


@shared
async def test_a_failure_of_one_process_is_not_repeated_by_the_other(two: list[FactCache]) -> None:
    upstream = Upstream()
    upstream.error = UpstreamError(CANVAS)
    await two[0].read(upstream.kind, CANVAS, ["1"])
    await settled(lambda: two[1].peek(upstream.kind, CANVAS, ["1"])["1"].freshness.state is SourceState.FAILED)
    reading = (await two[1].read(upstream.kind, CANVAS, ["1"]))["1"]
    assert reading.freshness.error_code == "UNAVAILABLE"
    assert len(upstream.asked) == 1


@shared
async def test_the_keys_hold_no_names_and_no_viewer(two: list[FactCache], redis: str) -> None:
    """D-04."""
    from redis.asyncio import Redis

    await two[0].read(Upstream().kind, CANVAS, ["1"])
    async with Redis.from_url(redis) as client:
        assert await client.keys("*") == [b"v1:1:account:1"]


@shared
async def test_news_stay_within_a_logical_database(two: list[FactCache], redis: str) -> None:
    """Two homerooms over one Redis server have providers of the same numbers."""
    from redis.asyncio import Redis

    heard: list[str] = []
    two[1].bus.listen(lambda news: heard.append(news.topic))
    async with Redis.from_url(redis.rpartition("/")[0] + "/15") as elsewhere:
        await RedisBus(elsewhere, "somebody else's").publish(News("expired", CANVAS, ("2026-03-02T18:00:00+00:00",)))
    await two[0].bus.publish(News("facts", CANVAS))
    await settled(lambda: heard)
    assert heard == ["facts"]


async def test_without_its_redis_a_process_still_answers(database: str, clock: Clock) -> None:
    upstream = Upstream()
    async with cache(clock, NOWHERE) as facts:
        for _ in range(2):
            reading = (await facts.read(upstream.kind, CANVAS, ["1"]))["1"]
            assert reading.freshness.state is SourceState.FRESH
        await facts.expire(CANVAS)
        assert await facts.store.healthy() is False
    assert len(upstream.asked) == 1
