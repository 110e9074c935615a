"""Whose events, and of which days, are in a calendar."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.enums import EnrollmentStatus, Role
from domain.refs import CanvasClassRef, FacilityRef, UserRef
from sandbox.world import World
from tests import factories
from tests.support.calendar import APRIL, MARCH, TITLES, admin, linked, titles, world_of
from tests.support.house import House, gid


async def test_a_facility_sees_the_courses_its_people_are_in(house: House) -> None:
    """W-18, D-09a."""
    north, south = await factories.facility(name="North"), await factories.facility(name="South")
    world = world_of(3)
    canvas = await house.canvas(world)
    courses = list(world.courses)
    sam = await factories.user(facility=north)
    ida = await factories.user(facility=south)
    await linked(house, world, canvas, sam, "Sam Reed", courses[0], courses[1])
    await linked(house, world, canvas, ida, "Ida Hall", courses[1])
    native = await factories.school_class(facility=south)
    await factories.class_event(school_class=native, title="South only", starts_at=datetime(2026, 3, 4, 15, tzinfo=UTC))
    northern = await factories.user(facility=north, role=Role.FACILITY_ADMIN)
    everyone = await admin()
    assert await titles(house, northern) == ["C0", "C1"]
    assert await titles(house, everyone) == ["C0", "C1", "C2", "South only"]
    assert await titles(house, everyone, filter={"facilityId": gid(FacilityRef(south.id))}) == ["C1", "South only"]
    assert await titles(house, northern, filter={"facilityId": gid(FacilityRef(south.id))}) == []
    assert await titles(house, everyone, filter={"userId": gid(UserRef(sam.id))}) == ["C0", "C1"]
    assert await titles(house, northern, filter={"userId": gid(UserRef(ida.id))}) == []
    course = {"classId": gid(CanvasClassRef(canvas.id, str(courses[2])))}
    assert await titles(house, everyone, filter=course) == ["C2"]
    assert await titles(house, northern, filter=course) == []
    assert await titles(house, everyone, filter={"source": "NATIVE"}) == ["South only"]
    assert await titles(house, everyone, filter={"source": "CANVAS"}) == ["C0", "C1", "C2"]


async def test_a_student_sees_their_own_classes_of_both_sources(house: House) -> None:
    """W-18, P-50: also in Canvas, their own sections only, and nobody else's calendar."""
    north = await factories.facility()
    sam, ida = await factories.user(facility=north), await factories.user(facility=north)
    world = world_of(2)
    canvas = await house.canvas(world)
    first, _ = world.courses
    evening = world.add_section(first, "Evening")
    await linked(house, world, canvas, sam, "Sam Reed", first)
    times = {
        world.sections_of_course[first][0].id: ("2026-03-11T01:00:00Z", "2026-03-11T02:00:00Z"),
        evening.id: ("2026-03-12T01:00:00Z", "2026-03-12T02:00:00Z"),
    }
    world.add_section_events(first, "Lab", times)
    welding, cooking, left = [await factories.school_class(facility=north) for _ in range(3)]
    await factories.enrollment(school_class=welding, user=sam)
    await factories.enrollment(school_class=left, user=sam, status=EnrollmentStatus.WITHDRAWN)
    for title, school_class in (("Welding", welding), ("Cooking", cooking), ("Left", left)):
        await factories.class_event(school_class=school_class, title=title, starts_at=datetime(2026, 3, 4, tzinfo=UTC))
    assert await titles(house, sam) == ["C0", "Welding", "Lab (Course 0)"]
    assert await titles(house, sam, filter={"userId": gid(UserRef(ida.id))}) == []
    assert await titles(house, ida) == []
    admin_ids = {e["title"]: e["id"] for e in (await house.data(TITLES, await admin(), **MARCH))["calendar"]["events"]}
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    nodes = await house.data(query, sam, ids=list(admin_ids.values()))
    seen = {title for (title, _), node in zip(admin_ids.items(), nodes["nodes"], strict=True) if node}
    assert seen == {"C0", "Welding", "Left", "Lab (Course 0)"}


async def test_a_provider_that_is_off_is_asked_nothing(house: House) -> None:
    canvas = await house.canvas(world_of(2), state="DISABLED")
    data = await house.data(TITLES, await admin(), **MARCH)
    assert data["calendar"] == {"events": [], "sources": []}
    assert house.calls(canvas) == []


@pytest.mark.parametrize(
    ("start", "end", "path"),
    [
        ("2026-01-02", "2026-01-01", ["end"]),
        ("2026-01-01", "2027-02-05", ["end"]),
        ("0001-01-01", "0001-01-02", ["start"]),
    ],
)
async def test_a_range_that_cannot_be_answered_is_a_typed_error(
    house: House, start: str, end: str, path: list[str]
) -> None:
    result = await house.run(TITLES, await admin(), start=start, end=end)
    assert result.data == {"calendar": None}
    assert [(e.extensions or {})["code"] for e in result.errors or []] == ["BAD_INPUT"]
    assert [(e.extensions or {})["path"] for e in result.errors or []] == [path]
    assert (await house.run(TITLES, await admin(), start="2026-01-01", end="2027-02-04")).errors is None


async def test_an_event_belongs_to_its_own_local_days_whatever_the_month_in_utc(house: House) -> None:
    world = World()
    for zone, start in (("Pacific/Kiritimati", "2026-02-28T11:00:00Z"), ("Etc/GMT+12", "2026-04-01T10:00:00Z")):
        course = world.add_course(zone, time_zone=zone)
        world.add_event(f"course_{course.id}", zone, start, start)
    midnight = world.add_course("Midnight", time_zone="UTC")
    world.add_event(f"course_{midnight.id}", "ends at midnight", "2026-02-28T22:00:00Z", "2026-03-01T00:00:00Z")
    world.add_event(f"course_{midnight.id}", "over midnight", "2026-03-31T23:00:00Z", "2026-04-01T01:00:00Z")
    await house.canvas(world)
    viewer = await admin()
    assert await titles(house, viewer) == ["Pacific/Kiritimati", "over midnight", "Etc/GMT+12"]
    assert await titles(house, viewer, **APRIL) == ["over midnight"]
    assert await titles(house, viewer, start="2026-02-01", end="2026-02-28") == ["ends at midnight"]


async def test_ranges_split_anywhere_and_filters_lose_and_repeat_nothing(house: House) -> None:
    """W-17: the whole is what its parts are, in one order, each event once."""
    north, south = (
        await factories.facility(time_zone="Asia/Tokyo"),
        await factories.facility(time_zone="America/Denver"),
    )
    for place, rule in ((north, "FREQ=DAILY;INTERVAL=2"), (south, "FREQ=WEEKLY;BYDAY=SU,TH")):
        native = await factories.school_class(facility=place)
        start = datetime(2026, 2, 20, 5, 30, tzinfo=UTC)
        await factories.class_event(
            school_class=native, starts_at=start, time_zone=place.time_zone, rule=rule, seconds=80_000
        )
    world = World.generate(courses=6, students=12, students_per_course=4, today=date(2026, 3, 2))
    canvas = await house.canvas(world)
    viewer = await admin()

    async def ids(start: date, end: date, **narrowed: str) -> list[str]:
        data = await house.data(TITLES, viewer, start=str(start), end=str(end), filter=narrowed)
        assert [(s["expected"], s["loaded"]) for s in data["calendar"]["sources"]] in ([], [(5, 5)], [(6, 6)])
        events = data["calendar"]["events"]
        assert events == sorted(events, key=lambda e: (datetime.fromisoformat(e["startsAt"]), b64(e["id"])))
        return [event["id"] for event in events]

    first, last = date(2026, 2, 25), date(2026, 4, 3)
    whole = await ids(first, last)
    assert len(whole) == len(set(whole)) > 40
    for days in range(1, 37, 3):
        middle = first + timedelta(days=days)
        left, right = await ids(first, middle - timedelta(days=1)), await ids(middle, last)
        assert set(left) | set(right) == set(whole)
        assert left == [id for id in whole if id in set(left)]
        assert right == [id for id in whole if id in set(right)]
    native_ids, canvas_ids = await ids(first, last, source="NATIVE"), await ids(first, last, source="CANVAS")
    assert sorted(native_ids + canvas_ids) == sorted(whole)
    assert canvas.id


def b64(id: str) -> str:
    return base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode()
