"""Pulls by night: per provider, by the clock on the wall, once, and made up for where they were missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from db.models import Provider, SyncRun
from domain.enums import ProviderState
from domain.refs import ProviderRef
from domain.scope import SYSTEM
from services.operation import begin
from services.run import Pace
from services.run_kinds import HANDLERS, start_nightly
from services.run_work import carry_out
from services.teams.nightly import Night
from services.teams.pull import Options, sync_teams
from settings import Settings
from tests import factories
from tests.support.house import House

CHICAGO = Night(2, "America/Chicago")


@pytest.fixture
async def provider(house: House) -> Provider:
    """One that wants it, beside one that does not and one that is switched off."""
    await factories.provider()
    await factories.provider(nightly_sync=True, state=ProviderState.DISABLED)
    return await factories.provider(nightly_sync=True)


async def at(house: House, moment: str, night: Night = CHICAGO) -> list[str]:
    """The nights for which there are runs, after a look at that moment of UTC."""
    house.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    await start_nightly(house.engine, night)
    rows = await SyncRun.filter(scheduled_for__isnull=False).order_by("id")
    for row in rows:
        await carry_out(house.engine, row.id, HANDLERS, Pace())
    return [str(row.scheduled_for) for row in rows]


async def test_a_night_begins_by_the_clock_on_the_wall_in_winter_and_summer(house: House, provider: Provider) -> None:
    assert await at(house, "2026-03-07T07:59") == []
    assert await at(house, "2026-03-07T08:00") == ["2026-03-07"]
    # On the 8th there is no 2 o'clock: the clock goes on from 1:59 to 3:00.
    assert await at(house, "2026-03-08T07:59") == ["2026-03-07"]
    assert await at(house, "2026-03-08T08:00") == ["2026-03-07", "2026-03-08"]
    assert await at(house, "2026-03-09T06:59") == ["2026-03-07", "2026-03-08"]
    assert await at(house, "2026-03-09T07:00") == ["2026-03-07", "2026-03-08", "2026-03-09"]
    run = (await SyncRun.all().order_by("id"))[0]
    assert (run.provider_id, run.requested_by_id, run.facility_id) == (provider.id, None, None)


async def test_an_hour_that_comes_twice_is_one_night(house: House, provider: Provider) -> None:
    assert await at(house, "2026-11-01T06:30", Night(1, "America/Chicago")) == ["2026-11-01"]
    assert await at(house, "2026-11-01T07:30", Night(1, "America/Chicago")) == ["2026-11-01"]


async def test_missed_nights_are_made_up_for_by_one_pull_as_soon_as_somebody_is_there(
    house: House, provider: Provider
) -> None:
    late = Night(23, "UTC")
    assert await at(house, "2026-03-02T12:00", late) == []  # It waits for its first night.
    assert await at(house, "2026-03-02T23:00", late) == ["2026-03-02"]
    assert await at(house, "2026-03-05T12:00", late) == ["2026-03-02", "2026-03-04"]
    assert await at(house, "2026-03-05T22:59", late) == ["2026-03-02", "2026-03-04"]
    assert await at(house, "2026-03-05T23:00", late) == ["2026-03-02", "2026-03-04", "2026-03-05"]


async def test_any_number_of_processes_may_try(house: House, provider: Provider) -> None:
    house.clock.now = datetime(2026, 3, 2, 3, tzinfo=UTC)
    await asyncio.gather(*(start_nightly(house.engine, Night()) for _ in range(5)))
    assert await SyncRun.all().count() == 1


async def test_a_night_waits_for_a_pull_that_is_under_way(house: House, provider: Provider) -> None:
    ref = await sync_teams(begin(house.engine, SYSTEM), ProviderRef(provider.id), Options())
    assert await at(house, "2026-03-02T12:00") == []
    await carry_out(house.engine, ref.id, HANDLERS, Pace())
    assert await at(house, "2026-03-02T12:01") == ["2026-03-02"]


def test_a_zone_that_there_is_not_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="no such time zone"):
        Settings(nightly_time_zone="Mars/Olympus")
