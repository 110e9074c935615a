from __future__ import annotations

import random
from datetime import UTC, datetime

from db.models import AttendanceRecord, EventOverride
from domain.enums import Role
from graph.explorer.page import dated, examples
from sandbox.world import World
from services.demo_events import add_events
from tests import factories
from tests.support.house import NOON, House


async def test_the_demo_s_calendar_tab_shows_both_sources_and_two_zones(house: House) -> None:
    chicago, york = (
        await factories.facility(time_zone="America/Chicago"),
        await factories.facility(time_zone="America/New_York"),
    )
    classes = [await factories.school_class(facility=facility) for facility in (chicago, york, chicago)]
    for school_class in classes:
        await factories.enrollment(school_class=school_class)
    await add_events(random.Random(1), NOON, classes)
    world = World.generate(courses=3, students=10, students_per_course=5, today=datetime(2026, 3, 2, tzinfo=UTC).date())
    await house.canvas(world)
    tab = next(example for example in examples() if "calendar(" in example.query)
    days = dated(tab.variables, NOON.date())
    assert days == '{"start": "2026-03-02", "end": "2026-03-29"}\n'
    viewer = await factories.user(role=Role.DEPARTMENT_ADMIN)
    found = (await house.data(tab.query, viewer, start="2026-03-02", end="2026-03-29"))["calendar"]
    assert {event["__typename"] for event in found["events"]} == {"NativeEvent", "CanvasEvent"}
    native = [event for event in found["events"] if event["__typename"] == "NativeEvent"]
    assert {event["timeZone"] for event in native} == {"America/Chicago", "America/New_York"}
    assert {event["reason"] for event in native} == {
        None,
        "The instructor is away.",
        "The room is being painted.",
        "Founders' day",
    }
    assert [event["isRescheduled"] for event in native].count(True) == 1
    assert found["sources"][0]["state"] == "FRESH"
    assert await EventOverride.all().count() == 2
    assert await AttendanceRecord.all().count() == 19
