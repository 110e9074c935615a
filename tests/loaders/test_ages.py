"""Fresh, stale, failed and loading, and how each becomes the next (behaviours D-05)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

from domain.enums import SourceState
from domain.errors import UpstreamError, UpstreamMissing, UpstreamThrottled
from domain.facts import Account
from domain.freshness import Reading
from loaders.cache import FactCache
from tests.loaders.facts import Upstream, cache, settled
from tests.support.house import Clock

CANVAS = 1


async def read(facts: FactCache, upstream: Upstream, id: str = "1") -> Reading[Account]:
    return (await facts.read(upstream.kind, CANVAS, [id]))[id]


def said(reading: Reading[Account]) -> tuple[str | None, SourceState, str | None]:
    """(name, state, error code)"""
    return reading.value and reading.value.name, reading.freshness.state, reading.freshness.error_code


async def test_a_cold_fact_is_fetched_waited_for_and_then_fresh_for_five_minutes(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    first = await read(facts, upstream)
    assert said(first) == ("first", SourceState.FRESH, None)
    assert first.freshness.fetched_at == clock()
    assert first.freshness.expires_at == clock() + timedelta(minutes=5)
    clock.pass_(seconds=299)
    assert await read(facts, upstream) == first
    assert upstream.asked == [["1"]]


async def test_a_stale_fact_is_served_at_once_while_one_refresh_runs(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    """W-10."""
    await read(facts, upstream)
    clock.pass_(minutes=5)
    upstream.open.clear()
    upstream.name = "second"
    for _ in range(3):
        assert said(await read(facts, upstream)) == ("first", SourceState.STALE, None)
    await settled(lambda: len(upstream.asked) == 2)
    upstream.open.set()
    await settled(lambda: facts.peek(upstream.kind, CANVAS, ["1"])["1"].value == Account("1", "second", None))
    assert said(await read(facts, upstream)) == ("second", SourceState.FRESH, None)
    assert upstream.asked == [["1"], ["1"]]


async def test_a_failed_refresh_leaves_the_old_fact_stale_with_the_reason(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    await read(facts, upstream)
    clock.pass_(minutes=6)
    upstream.error = UpstreamThrottled(CANVAS)
    assert said(await read(facts, upstream)) == ("first", SourceState.STALE, None)
    await settled(lambda: facts.peek(upstream.kind, CANVAS, ["1"])["1"].freshness.error_code)
    again = await read(facts, upstream)
    assert said(again) == ("first", SourceState.STALE, "THROTTLED")
    assert again.freshness.retry_after == timedelta(seconds=15)
    assert len(upstream.asked) == 2


async def test_a_fact_older_than_its_stale_time_is_cold_again(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    await read(facts, upstream)
    clock.pass_(days=7, minutes=5)
    upstream.error = UpstreamError(CANVAS)
    assert said(await read(facts, upstream)) == (None, SourceState.FAILED, "UNAVAILABLE")


async def test_a_failure_is_kept_for_fifteen_seconds_and_then_tried_again(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    upstream.error = UpstreamError(CANVAS)
    failed = await read(facts, upstream)
    assert said(failed) == (None, SourceState.FAILED, "UNAVAILABLE")
    assert failed.freshness.retry_after == timedelta(seconds=15)
    clock.pass_(seconds=14)
    again = await read(facts, upstream)
    assert (said(again), again.freshness.retry_after) == (said(failed), timedelta(seconds=1))
    assert len(upstream.asked) == 1
    upstream.error = None
    clock.pass_(seconds=1)
    assert said(await read(facts, upstream)) == ("first", SourceState.FRESH, None)
    assert len(upstream.asked) == 2


async def test_a_failure_is_kept_as_long_as_canvas_asked_for(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    upstream.error = UpstreamThrottled(CANVAS, retry_after=timedelta(seconds=90))
    failed = await read(facts, upstream)
    assert failed.freshness.retry_after == timedelta(seconds=90)
    clock.pass_(seconds=89)
    await read(facts, upstream)
    assert len(upstream.asked) == 1


async def test_one_of_many_fails_alone(facts: FactCache, upstream: Upstream) -> None:
    upstream.errors["2"] = UpstreamMissing(CANVAS)
    readings = await facts.read(upstream.kind, CANVAS, ["1", "2", "3"])
    assert [said(reading) for reading in readings.values()] == [
        ("first", SourceState.FRESH, None),
        (None, SourceState.FAILED, "NOT_FOUND"),
        ("first", SourceState.FRESH, None),
    ]
    assert upstream.asked == [["1", "2", "3"]]


async def test_a_slow_canvas_is_waited_for_two_seconds_and_fetched_to_the_end(
    database: str, clock: Clock, upstream: Upstream
) -> None:
    """AC-16: LOADING is never endless, and no placeholder is stored."""
    async with cache(clock, cold_wait=0.1) as facts:
        upstream.open.clear()
        began = monotonic()
        waiting = await read(facts, upstream)
        assert said(waiting) == (None, SourceState.LOADING, None)
        assert waiting.freshness.message == "Syncing from Canvas…"
        assert 0.1 <= monotonic() - began < 1
        upstream.open.set()
        await settled(lambda: facts.peek(upstream.kind, CANVAS, ["1"])["1"].value)
        assert said(await read(facts, upstream)) == ("first", SourceState.FRESH, None)
        assert len(upstream.asked) == 1


async def test_a_hundred_cold_readers_cost_one_call(facts: FactCache, upstream: Upstream) -> None:
    upstream.open.clear()
    readers = [asyncio.create_task(read(facts, upstream)) for _ in range(100)]
    await settled(lambda: upstream.asked)
    late = [asyncio.create_task(read(facts, upstream)) for _ in range(100)]
    await asyncio.sleep(0.02)
    upstream.open.set()
    readings = await asyncio.gather(*readers, *late)
    assert {said(reading) for reading in readings} == {("first", SourceState.FRESH, None)}
    assert upstream.asked == [["1"]]


async def test_readers_who_leave_do_not_end_the_fetch(facts: FactCache, upstream: Upstream) -> None:
    upstream.open.clear()
    reader = asyncio.create_task(read(facts, upstream))
    await settled(lambda: upstream.asked)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    upstream.open.set()
    await settled(lambda: facts.peek(upstream.kind, CANVAS, ["1"])["1"].value)
    assert len(upstream.asked) == 1


async def test_expiring_a_provider_makes_its_facts_stale_and_its_failures_over(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    upstream.errors["2"] = UpstreamMissing(CANVAS)
    await facts.read(upstream.kind, CANVAS, ["1", "2"])
    await facts.read(upstream.kind, 9, ["1"])
    clock.pass_(seconds=1)
    upstream.errors.clear()
    await facts.expire(CANVAS)
    states = [r.freshness.state for r in facts.peek(upstream.kind, CANVAS, ["1", "2"]).values()]
    assert states == [SourceState.STALE, SourceState.LOADING]
    assert facts.peek(upstream.kind, 9, ["1"])["1"].freshness.state is SourceState.FRESH
    readings = await facts.read(upstream.kind, CANVAS, ["1", "2"])
    assert said(readings["2"]) == ("first", SourceState.FRESH, None)


async def test_a_fetch_from_before_a_provider_was_expired_does_not_count_as_fresh(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    upstream.open.clear()
    reader = asyncio.create_task(read(facts, upstream))
    await settled(lambda: upstream.asked)
    clock.pass_(seconds=1)
    await facts.expire(CANVAS)
    clock.pass_(seconds=1)
    upstream.open.set()
    assert said(await reader)[1] is SourceState.STALE


async def test_forgetting_a_provider_leaves_nothing_of_it_anywhere(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    await facts.read(upstream.kind, CANVAS, ["1"])
    await facts.read(upstream.kind, 9, ["1"])
    await facts.table.flush()
    await facts.forget(CANVAS)
    upstream.error = UpstreamError(CANVAS)
    assert said(await read(facts, upstream)) == (None, SourceState.FAILED, "UNAVAILABLE")
    async with cache(clock) as restarted:
        assert said(await read(restarted, upstream)) == (None, SourceState.FAILED, "UNAVAILABLE")
        kept = (await restarted.read(upstream.kind, 9, ["1"]))["1"]
        assert said(kept) == ("first", SourceState.FRESH, None)


async def test_what_a_broken_fetch_raises_is_a_failure_and_not_an_exception(
    facts: FactCache, upstream: Upstream
) -> None:
    upstream.error = ValueError("surprise")  # type: ignore[assignment]
    assert said(await read(facts, upstream)) == (None, SourceState.FAILED, "UNREADABLE")
