"""VTIMEZONEs against a reader that knows RFC 5545 and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.ics_zones import vtimezone
from tests.support.ical import Clock, Component, read

FIRST, LAST = datetime(2025, 2, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC)
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
)


def zone_of(name: str, first: datetime = FIRST, last: datetime = LAST) -> Component:
    return read(vtimezone(ZoneInfo(name), first, last).to_ical())


@pytest.mark.parametrize("name", ZONES)
def test_every_time_that_a_zone_s_clocks_show_is_the_instant_it_is(name: str) -> None:
    clock, wrong = Clock.of(zone_of(name)), []
    at = FIRST
    while at < LAST - timedelta(days=1):
        local = at.astimezone(ZoneInfo(name))
        if not local.fold and clock.instant(local.replace(tzinfo=UTC)) != at:
            wrong.append(local)
        at += timedelta(minutes=30) if at.day in {1, 2, 8, 9, 24, 25, 28, 29, 30, 31} else timedelta(hours=5)
    assert wrong == []


def test_an_observance_begins_at_the_wall_clock_that_is_left() -> None:
    daylight = next(part for part in zone_of("America/New_York").parts if part.name == "DAYLIGHT")
    assert {name: daylight.text(name) for name in daylight.lines} == {
        "DTSTART": "20250309T020000",
        "RDATE": "20260308T020000,20270314T020000",
        "TZOFFSETFROM": "-0500",
        "TZOFFSETTO": "-0400",
        "TZNAME": "EDT",
    }


def test_a_short_season_is_not_passed_over() -> None:
    """Morocco goes back an hour for Ramadan only."""
    begins = [part.text("DTSTART") for part in zone_of("Africa/Casablanca", LAST - timedelta(days=180)).parts]
    assert begins == ["20270102T010000", "20270207T030000", "20270314T020000"]


def test_a_zone_whose_clocks_never_change_has_one_observance() -> None:
    assert [(part.name, part.text("TZOFFSETTO")) for part in zone_of("Asia/Kathmandu").parts] == [("STANDARD", "+0545")]
