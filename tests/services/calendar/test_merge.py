"""The timeline against everything that was written down, for ranges and filters taken at random (AC-02, W-17, W-18).

What is expected is worked out day by day from a list of all events, without a month, a cache or a bound of instants.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db.models import ClassEvent, EventOverride, Facility
from domain.refs import CanvasClassRef, FacilityRef, NativeClassRef
from sandbox.world import World
from services.event_fields import columns
from services.series import plan
from tests import factories
from tests.services.calendar.oracle import Rule, starts
from tests.support.calendar import admin, linked
from tests.support.house import House, gid

ZONES = (
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "America/Chicago",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
)
RULES = (
    Rule("WEEKLY", by_day=((0, "MO"), (0, "TH"))),
    Rule("DAILY", interval=3),
    Rule("MONTHLY", by_day=((-1, "FR"),)),
    Rule("WEEKLY", interval=2, week_start="SU", count=9),
)
FIRST, LAST = date(2026, 1, 20), date(2026, 4, 20)
QUERY = """query($start: Date!, $end: Date!, $filter: CalendarFilter) { calendar(start: $start, end: $end, filter: $filter) {
  events { id title source startsAt endsAt isCancelled timeZone class { id } } sources { state expected loaded } } }"""


@dataclass(frozen=True)
class Written:
    """One event as it was written, with what filters find it by."""

    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    source: str
    class_id: str
    facilities: frozenset[int]
    is_cancelled: bool = False

    def lies_in(self, first: date, last: date) -> bool:
        begin, end = (at.astimezone(ZoneInfo(self.zone)) for at in (self.starts_at, self.ends_at))
        touches_midnight_only = (end.hour, end.minute, end.second) == (0, 0, 0) and self.ends_at > self.starts_at
        last_day = end.date() - timedelta(days=1) if touches_midnight_only else end.date()
        days = {begin.date() + timedelta(days=n) for n in range((max(last_day, begin.date()) - begin.date()).days + 1)}
        return any(first <= day <= last for day in days)


@dataclass
class Book:
    house: House
    rng: random.Random
    places: list[Facility]
    written: list[Written] = field(default_factory=list)

    def moment(self) -> datetime:
        minutes = self.rng.randrange(0, (LAST - FIRST).days * 24 * 4) * 15
        return datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(minutes=minutes)

    async def native(self, number: int) -> None:
        place, zone, rule = self.rng.choice(self.places), self.rng.choice(ZONES), self.rng.choice(RULES)
        school_class = await factories.school_class(facility=place)
        length = timedelta(minutes=self.rng.choice([45, 180, 1440]))
        series = plan(self.moment() - timedelta(days=self.rng.choice([0, 30, 9000])), ZoneInfo(zone), length, rule.text)
        row = await ClassEvent.create(school_class_id=school_class.id, title=f"N{number}", **columns(series))
        wall = series.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        held = starts(rule, wall, zone, FIRST - timedelta(days=9), LAST + timedelta(days=90))
        class_id, seen = gid(NativeClassRef(school_class.id)), frozenset({place.id})

        def written(at: datetime, *, off: bool) -> Written:
            return Written(f"N{number}", at, at + length, zone, "NATIVE", class_id, seen, off)

        off = self.rng.choice(held) if held else None
        self.written += [written(at, off=at == off) for at in held]
        if off is not None:
            key = off.astimezone(ZoneInfo(zone)).strftime("%Y%m%dT%H%M%S")
            moved_to = self.moment()
            await EventOverride.create(event_id=row.id, occurrence=key, cancelled=False, moved_to=moved_to)
            self.written.append(written(moved_to, off=False))

    async def canvas(self, courses: int) -> None:
        world = World()
        provider = await self.house.canvas(world)
        for number in range(courses):
            zone = self.rng.choice(ZONES)
            course = world.add_course(f"Course {number}", time_zone=zone)
            second = world.add_section(course.id, "Evening")
            mine = world.sections_of_course[course.id][0]
            at_places = [place for place in self.places if self.rng.random() < 0.5]
            for place in at_places:
                person = await factories.user(facility=place)
                await linked(self.house, world, provider, person, f"P{number} {place.id}", course.id)
            class_id, seen = (
                gid(CanvasClassRef(provider.id, str(course.id))),
                frozenset(place.id for place in at_places),
            )
            for turn in range(6):
                title, at = f"C{number}.{turn}", self.moment()
                end = at + timedelta(minutes=self.rng.choice([0, 60, 60 * 24 * 40]))
                world.add_event(f"course_{course.id}", title, at, end)
                self.written.append(Written(title, at, end, zone, "CANVAS", class_id, seen))
            day = self.moment().date()
            world.add_all_day(f"course_{course.id}", f"D{number}", day)
            begin, end = (midnight(day + timedelta(days=n), zone) for n in (0, 1))
            self.written.append(Written(f"D{number}", begin, end, zone, "CANVAS", class_id, seen))
            times = {section.id: (at := self.moment(), at + timedelta(hours=1)) for section in (mine, second)}
            world.add_section_events(course.id, f"L{number}", times)
            for section, who in ((mine, seen), (second, frozenset[int]())):
                title = f"L{number} ({section.name})"
                begin, end = times[section.id]
                self.written.append(Written(title, begin, end, zone, "CANVAS", class_id, who))
            world.delete_event(world.add_event(f"course_{course.id}", "deleted", self.moment()).id)
            world.add_event(f"course_{course.id}", "undated")

    def expected(
        self, first: date, last: date, narrowed: dict[str, str], facility: int | None
    ) -> list[tuple[Any, ...]]:
        found = [
            row
            for row in self.written
            if row.lies_in(first, last)
            and narrowed.get("source", row.source) == row.source
            and narrowed.get("classId", row.class_id) == row.class_id
            and (facility is None or facility in row.facilities)
        ]
        return sorted(shown(row) for row in found)


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shown(row: Written) -> tuple[Any, ...]:
    return (row.starts_at, row.title, row.ends_at, row.zone, row.source, row.class_id, row.is_cancelled)


@pytest.mark.parametrize("seed", range(5))
async def test_every_range_and_filter_holds_what_was_written_and_nothing_else(house: House, seed: int) -> None:
    rng = random.Random(seed)
    book = Book(house, rng, [await factories.facility(time_zone=zone) for zone in ("Asia/Tokyo", "America/Denver")])
    for number in range(5):
        await book.native(number)
    await book.canvas(courses=4)
    viewer, total = await admin(), 0
    for _ in range(25):
        first = FIRST + timedelta(days=rng.randrange(80))
        last = first + timedelta(days=rng.choice([0, 1, 6, 31, 62]))
        narrowed: dict[str, str] = {}
        facility = None
        match rng.randrange(4):
            case 0:
                narrowed["source"] = rng.choice(["NATIVE", "CANVAS"])
            case 1:
                narrowed["classId"] = rng.choice(book.written).class_id
            case 2:
                facility = rng.choice(book.places).id
                narrowed["facilityId"] = gid(FacilityRef(facility))
        calendar = (await house.data(QUERY, viewer, start=str(first), end=str(last), filter=narrowed))["calendar"]
        assert all(source["expected"] == source["loaded"] for source in calendar["sources"])
        events = [
            (
                datetime.fromisoformat(e["startsAt"]), e["title"], datetime.fromisoformat(e["endsAt"]), e["timeZone"],
                e["source"], e["class"]["id"], e["isCancelled"],
            )
            for e in calendar["events"]
        ]  # fmt: skip
        assert [event[0] for event in events] == sorted(event[0] for event in events)
        assert sorted(events) == book.expected(first, last, narrowed, facility)
        total += len(events)
    assert total > 150
