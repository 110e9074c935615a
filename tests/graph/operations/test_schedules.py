"""When and where classes meet, and the rooms and holidays of a facility."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.enums import ClassStatus, Role
from domain.refs import CanvasClassRef, FacilityRef, NativeClassRef
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid
from tests.support.sessions import (
    CANCEL,
    MOVE,
    kinds,
    listed,
    mutation,
    scheduled,
    teach,
)


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (["FREQ=WEEKLY;BYDAY=MO,WE"], "M/W 3:00 PM"),
        (["FREQ=WEEKLY"], "T 3:00 PM"),
        (["FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,SA"], "Th/Sa 3:00 PM every 2 weeks"),
        (["FREQ=DAILY"], "Daily 3:00 PM"),
        (["FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"], "M/T/W/Th/F 3:00 PM"),
        (["FREQ=MONTHLY;BYDAY=1TU"], "Monthly 3:00 PM"),
        (["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=FR"], "M 3:00 PM, F 3:00 PM"),
        ([None], "Mar 3 3:00 PM"),
    ],
)
async def test_the_schedule_says_when_a_class_meets(house: House, rules: list[str | None], text: str) -> None:
    """P-36."""
    admin, welding, facility = await teach()
    room = await factories.room(facility=facility, name="Shop B")
    start = datetime(2026, 3, 3, 21, tzinfo=UTC)
    for rule in rules:
        ends = {} if rule else {"ends_at": start + timedelta(hours=2)}
        await factories.class_event(
            school_class=welding, starts_at=start, time_zone="America/Chicago", rule=rule, room=room, **ends
        )
    query = "query($id: ID!) { class(id: $id) { schedule { text room nextEvent { isCancelled } } } }"
    data = await house.data(query, admin, id=gid(NativeClassRef(welding.id)))
    assert data["class"]["schedule"] == {"text": text, "room": "Shop B", "nextEvent": {"isCancelled": False}}


@pytest.mark.parametrize("over", [{"end_date": date(2026, 3, 1)}, {"status": ClassStatus.CANCELLED}])
async def test_a_class_that_is_over_meets_no_more_though_its_rule_goes_on(house: House, over: dict[str, Any]) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding, recurrenceRule="FREQ=WEEKLY;BYDAY=MO")
    query = "query($id: ID!) { class(id: $id) { schedule { text nextEvent { startsAt } } } }"
    found = await house.data(query, admin, id=gid(NativeClassRef(welding.id)))
    assert found["class"]["schedule"] == {"text": "M 7:30 PM", "nextEvent": {"startsAt": "2026-03-03T01:30:00+00:00"}}
    await welding.update_from_dict(over).save()
    assert (await house.data(query, admin, id=gid(NativeClassRef(welding.id))))["class"]["schedule"] is None


async def test_the_next_session_is_the_first_that_is_on_wherever_it_was_moved(house: House) -> None:
    admin, welding, facility = await teach()
    await scheduled(house, admin, welding, recurrenceRule="FREQ=WEEKLY;BYDAY=MO")
    first, second, third, *_ = await listed(house, admin)
    query = "query($id: ID!) { class(id: $id) { schedule { nextEvent { startsAt } } } }"

    async def next_start() -> str:
        found = await house.data(query, admin, id=gid(NativeClassRef(welding.id)))
        start: str = found["class"]["schedule"]["nextEvent"]["startsAt"][:16]
        return start

    assert await next_start() == "2026-03-03T01:30"
    await house.data(CANCEL, admin, input={"id": first["id"]})
    assert await next_start() == second["startsAt"][:16] == "2026-03-10T00:30"
    await house.data(MOVE, admin, input={"id": third["id"], "startsAt": "2026-03-06T15:00:00Z"})
    assert await next_start() == "2026-03-06T15:00"
    await factories.holiday(facility=facility, first_day=date(2026, 3, 9), last_day=date(2026, 3, 16))
    house.clock.pass_(days=5)
    assert await next_start() == "2026-03-24T00:30"


async def test_rooms_and_holidays_are_managed_by_the_facility(house: House) -> None:
    admin, welding, facility = await teach()
    ours = gid(FacilityRef(facility.id))
    theirs = gid(FacilityRef((await factories.facility()).id))
    create_room = mutation("createRoom", "room { id name capacity isDeleted facility { id } }")
    room = (await house.data(create_room, admin, input={"facilityId": ours, "name": "Shop B", "capacity": 12}))[
        "createRoom"
    ]["room"]
    assert room == {"id": room["id"], "name": "Shop B", "capacity": 12, "isDeleted": False, "facility": {"id": ours}}
    assert await kinds(house, create_room, admin, facilityId=ours, name="shop b") == ["NameTakenError"]
    assert await kinds(house, create_room, admin, facilityId=theirs, name="Shop C") == ["NotFoundError"]
    update_room = mutation("updateRoom", "room { name capacity }")
    data = await house.data(update_room, admin, input={"id": room["id"], "capacity": None})
    assert data["updateRoom"]["room"] == {"name": "Shop B", "capacity": None}
    await scheduled(house, admin, welding, roomId=room["id"])
    delete_room = mutation("deleteRoom", "deletedId facility { rooms { id } }")
    assert (await house.data(delete_room, admin, input={"id": room["id"]}))["deleteRoom"]["facility"] == {"rooms": []}
    assert (await listed(house, admin))[0]["location"] == "Shop B"
    assert await kinds(house, delete_room, admin, id=room["id"]) == ["NotFoundError"]

    create_holiday = mutation("createHoliday", "holiday { id name firstDay lastDay }")
    given = {"facilityId": ours, "name": "Founders' day", "firstDay": "2026-03-02"}
    holiday = (await house.data(create_holiday, admin, input=given))["createHoliday"]["holiday"]
    assert holiday == {"id": holiday["id"], "name": "Founders' day", "firstDay": "2026-03-02", "lastDay": "2026-03-02"}
    assert [e["reason"] for e in await listed(house, admin)] == ["Founders' day", None, None, None]
    update_holiday = mutation("updateHoliday", "holiday { lastDay }")
    await house.data(update_holiday, admin, input={"id": holiday["id"], "lastDay": "2026-03-09"})
    assert [e["isCancelled"] for e in await listed(house, admin)] == [True, True, False, False]
    assert await kinds(house, update_holiday, admin, id=holiday["id"], lastDay="2026-03-01") == ["InvalidInputError"]
    delete_holiday = mutation(
        "deleteHoliday", 'deletedId facility { holidays(start: "2026-03-01", end: "2026-03-31") { id } }'
    )
    data = await house.data(delete_holiday, admin, input={"id": holiday["id"]})
    assert data["deleteHoliday"]["facility"] == {"holidays": []}
    assert [e["isCancelled"] for e in await listed(house, admin)] == [False] * 4


async def test_a_canvas_class_meets_when_its_next_events_are(house: House) -> None:
    """P-36: from the weekdays and times of the next 28 days, in the course's zone."""
    world = World()
    course = world.add_course("Algebra", time_zone="America/Chicago")
    code = f"course_{course.id}"
    for day in ("04", "11", "18"):
        world.add_event(code, "Class", f"2026-03-{day}T21:00:00Z", f"2026-03-{day}T22:00:00Z", location_name="Room 4")
    world.add_event(code, "Lab", "2026-03-05T16:00:00Z", "2026-03-05T17:00:00Z")
    world.add_event(code, "Later", "2026-04-20T16:00:00Z", "2026-04-20T17:00:00Z")
    quiet = world.add_course("Quiet")
    canvas = await house.canvas(world)
    viewer = await factories.user(role=Role.DEPARTMENT_ADMIN)
    query = "query($id: ID!) { class(id: $id) { schedule { text room nextEvent { title startsAt } } } }"
    data = await house.data(query, viewer, id=gid(CanvasClassRef(canvas.id, str(course.id))))
    assert data["class"]["schedule"] == {
        "text": "W 3:00 PM, W 4:00 PM, Th 10:00 AM",
        "room": "Room 4",
        "nextEvent": {"title": "Class", "startsAt": "2026-03-04T21:00:00+00:00"},
    }
    data = await house.data(query, viewer, id=gid(CanvasClassRef(canvas.id, str(quiet.id))))
    assert data["class"]["schedule"] is None
