"""Reading ahead, at start and while people are asking (behaviours D-05)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from domain.enums import ProviderState
from services.warmup import keep_warm, warm_up
from tests.acceptance.setting import STATEWIDE, Organisation, bill, organisation
from tests.support.house import House
from tests.support.house import house as open_house

PAGES = "GET /api/v1/accounts/:id/courses"
GRAPHQL = "POST /api/graphql"


@pytest.fixture
async def house(database: str, redis: str | None) -> AsyncIterator[House]:
    """One whose facts are fresh for a second of its own clock, which stands still."""
    async with open_house(redis, fresh_seconds=1, cold_wait_seconds=60) as opened:
        yield opened


@pytest.fixture
async def org(house: House) -> Organisation:
    return await organisation(house, courses=60)


async def test_what_was_read_at_start_costs_the_first_viewer_nothing(house: House, org: Organisation) -> None:
    await warm_up(house.engine)
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 2}
    house.forget_calls()
    data = await house.data(STATEWIDE, org.admin)
    assert [row["state"] for row in data["classes"]["sources"]] == ["FRESH"]
    assert bill(house, org.canvas) == {}


async def test_only_enabled_providers_are_read_ahead_and_a_dead_one_harms_nobody(
    house: House, org: Organisation
) -> None:
    off = await organisation(house, courses=2, name="Off", state=ProviderState.DISABLED)
    dead = await organisation(house, courses=2, name="Dead")
    house.hosts.apps.pop(dead.canvas.base_url.removeprefix("https://"))
    await warm_up(house.engine)
    assert bill(house, off.canvas) == {}
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 2}


async def warming(house: House, seconds: float = 0.25, done: Callable[[], bool] = lambda: False) -> None:
    """Let `keep_warm` look around for a while: it does so ten times within the freshness of a fact."""
    task = asyncio.create_task(keep_warm(house.engine))
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not done():  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.05)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def goes_stale_soon(house: House) -> bool:
    facts, lately = house.engine.facts, house.clock() - timedelta(hours=1)
    return any(facts.aging(kind, provider, 0.2) for kind, provider in facts.asked_since(lately))


async def test_what_people_ask_for_is_read_again_before_it_goes_stale(house: House, org: Organisation) -> None:
    await house.data(STATEWIDE, org.admin)
    house.forget_calls()
    house.clock.pass_(seconds=0.7)
    await warming(house)
    assert bill(house, org.canvas) == {}
    house.clock.pass_(seconds=0.2)
    await warming(house, 30, lambda: not goes_stale_soon(house))
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 2}
    house.clock.pass_(seconds=0.7)
    data = await house.data(STATEWIDE, org.admin)
    assert [row["state"] for row in data["classes"]["sources"]] == ["FRESH"]
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 2}


async def test_what_nobody_asked_for_within_the_hour_is_left_to_go_stale(house: House, org: Organisation) -> None:
    await house.data(STATEWIDE, org.admin)
    house.forget_calls()
    house.clock.pass_(minutes=61)
    await warming(house)
    assert bill(house, org.canvas) == {}


async def test_reading_ahead_by_itself_is_not_asking(house: House, org: Organisation) -> None:
    """A homeroom nobody looks at leaves its Canvas in peace after an hour."""
    await warm_up(house.engine)
    house.forget_calls()
    for _ in range(3):
        house.clock.pass_(minutes=25)
        await warming(house)
    house.forget_calls()
    house.clock.pass_(minutes=25)
    await warming(house)
    assert bill(house, org.canvas) == {}


async def test_a_provider_that_was_switched_off_is_no_longer_read_ahead(house: House, org: Organisation) -> None:
    await house.data(STATEWIDE, org.admin)
    org.canvas.state = ProviderState.DISABLED
    await org.canvas.save()
    house.forget_calls()
    house.clock.pass_(seconds=0.9)
    await warming(house)
    assert bill(house, org.canvas) == {}
