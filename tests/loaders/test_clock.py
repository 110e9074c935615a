"""A clock that is put forward or back: nothing is fresh for ever, nothing is asked for over and over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.enums import SourceState
from domain.errors import UpstreamThrottled
from domain.freshness import Reading
from loaders.cache import FactCache
from tests.loaders.facts import Upstream, settled
from tests.support.house import Clock

CANVAS = 1


async def read(facts: FactCache, upstream: Upstream) -> Reading[object]:
    return (await facts.read(upstream.kind, CANVAS, ["1"]))["1"]


@pytest.mark.parametrize("jump", [{"days": 2}, {"hours": 1}, {"minutes": 2}])
async def test_a_fact_of_a_time_that_has_not_come_is_served_and_refreshed_once(
    facts: FactCache, upstream: Upstream, clock: Clock, jump: dict[str, float]
) -> None:
    await read(facts, upstream)
    clock.now -= timedelta(**jump)
    assert (await read(facts, upstream)).freshness.state is SourceState.STALE
    await settled(lambda: facts.peek(upstream.kind, CANVAS, ["1"])["1"].freshness.state is SourceState.FRESH)
    for _ in range(3):
        assert (await read(facts, upstream)).freshness.state is SourceState.FRESH
    assert upstream.asked == [["1"], ["1"]]


async def test_clocks_that_differ_by_seconds_change_nothing(facts: FactCache, upstream: Upstream, clock: Clock) -> None:
    await read(facts, upstream)
    clock.pass_(seconds=-30)
    assert (await read(facts, upstream)).freshness.state is SourceState.FRESH
    assert upstream.asked == [["1"]]


async def test_a_failure_of_a_time_that_has_not_come_is_over(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    upstream.error = UpstreamThrottled(CANVAS)
    assert (await read(facts, upstream)).freshness.state is SourceState.FAILED
    clock.pass_(days=-1)
    upstream.error = None
    assert (await read(facts, upstream)).freshness.state is SourceState.FRESH
    assert upstream.asked == [["1"], ["1"]]


async def test_a_provider_that_was_expired_before_the_clock_was_put_back_becomes_fresh_again(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    await read(facts, upstream)
    await facts.expire(CANVAS)
    clock.pass_(days=-1)
    await read(facts, upstream)
    await settled(lambda: len(upstream.asked) == 2)
    clock.pass_(seconds=1)
    await facts.refresh(upstream.kind, CANVAS, ["1"])
    for _ in range(3):
        assert (await read(facts, upstream)).freshness.state is SourceState.FRESH
    assert len(upstream.asked) == 3


async def test_a_clock_put_forward_makes_facts_stale_and_loses_none(
    facts: FactCache, upstream: Upstream, clock: Clock
) -> None:
    await read(facts, upstream)
    clock.pass_(days=3)
    stale = await read(facts, upstream)
    assert (stale.value is not None, stale.freshness.state) == (True, SourceState.STALE)
    await settled(lambda: len(upstream.asked) == 2)
    assert (await read(facts, upstream)).freshness.state is SourceState.FRESH
