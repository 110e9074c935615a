"""One timeline of native and Canvas events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from domain.enums import Role
from domain.refs import CanvasClassRef, FacilityRef, NativeClassRef
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from tests import factories
from tests.support.calendar import APRIL, CALENDAR, EVENTS, LIMIT, MARCH, TITLES, admin, linked, titles, world_of
from tests.support.house import House, gid


async def test_both_sources_stand_in_one_order_with_the_same_fields(house: House) -> None:
    north = await factories.facility(name="North", time_zone="America/Denver")
    welding = await factories.school_class(
        name="Welding", facility=north, program=await factories.program(name="Trades")
    )
    room = await factories.room(facility=north, name="Shop B")
    teacher = await factories.user(facility=north, role=Role.FACILITY_ADMIN, first_name="Ann", last_name="Lee")
    start = datetime(2026, 3, 3, 22, tzinfo=UTC)
    await factories.class_event(
        school_class=welding, starts_at=start, time_zone="America/Denver", room=room, instructor=teacher,
        rule="FREQ=WEEKLY;BYDAY=TU;COUNT=2", ends_at=start + timedelta(days=7, hours=2),
    )  # fmt: skip
    world = World()
    course = world.add_course("Algebra", time_zone="America/Chicago")
    world.add_event(
        f"course_{course.id}", "Exam", "2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z", location_name="Room 4"
    )
    canvas = await house.canvas(world, name="State College")

    data = await house.data(CALENDAR, await admin(), **MARCH)

    exam, first, second = data["calendar"]["events"]
    assert exam["canvasUrl"].endswith(f"include_contexts=course_{course.id}")
    assert {**exam, "id": 0, "canvasUrl": 0} == {
        "__typename": "CanvasEvent",
        "id": 0,
        "title": "Exam",
        "source": "CANVAS",
        "startsAt": "2026-03-03T15:00:00+00:00",
        "endsAt": "2026-03-03T16:00:00+00:00",
        "allDay": False,
        "timeZone": "America/Chicago",
        "isCancelled": False,
        "location": "Room 4",
        "class": {"id": gid(CanvasClassRef(canvas.id, str(course.id))), "name": "Algebra"},
        "program": {"name": "State College"},
        "facility": None,
        "provider": {"name": "State College"},
        "canvasUrl": 0,
        "seriesId": None,
    }
    assert {**first, "id": 0} == {
        "__typename": "NativeEvent",
        "id": 0,
        "title": "Welding",
        "source": "NATIVE",
        "startsAt": "2026-03-03T22:00:00+00:00",
        "endsAt": "2026-03-04T00:00:00+00:00",
        "allDay": False,
        "timeZone": "America/Denver",
        "isCancelled": False,
        "location": "Shop B",
        "class": {"id": gid(NativeClassRef(welding.id)), "name": "Welding"},
        "program": {"name": "Trades"},
        "facility": {"name": "North"},
        "isRescheduled": False,
        "reason": None,
        "recurrenceRule": "FREQ=WEEKLY;BYDAY=TU;COUNT=2",
        "instructor": {"fullName": "Ann Lee"},
        "room": {"name": "Shop B"},
    }
    assert second["startsAt"] == "2026-03-10T21:00:00+00:00"  # W-15: an hour less in UTC, the same on the wall
    assert data["calendar"]["sources"] == [
        {"state": "FRESH", "errorCode": None, "expected": 1, "loaded": 1, "provider": {"name": "State College"}}
    ]


async def test_an_event_has_the_same_values_wherever_it_appears(house: House) -> None:
    """AC-02."""
    welding = await factories.school_class()
    await factories.class_event(school_class=welding, starts_at=datetime(2026, 3, 4, 15, tzinfo=UTC))
    world = world_of(1)
    canvas = await house.canvas(world)
    viewer = await admin()
    fields = "__typename id title startsAt endsAt timeZone allDay isCancelled location"
    query = f"""query Everywhere($native: ID!, $canvas: ID!) {{
      calendar(start: "2026-03-01", end: "2026-03-31") {{ events {{ {fields} }} }}
      a: class(id: $native) {{ events(start: "2026-03-01", end: "2026-03-31") {{ {fields} }} schedule {{ nextEvent {{ {fields} }} }} }}
      b: class(id: $canvas) {{ events(start: "2026-03-01", end: "2026-03-31") {{ {fields} }} schedule {{ nextEvent {{ {fields} }} }} }}
    }}"""
    course = next(iter(world.courses))
    refs = {"native": gid(NativeClassRef(welding.id)), "canvas": gid(CanvasClassRef(canvas.id, str(course)))}
    data = await house.data(query, viewer, **refs)
    listed = data["calendar"]["events"]
    assert data["b"]["events"] + data["a"]["events"] == listed
    assert [data["b"]["schedule"]["nextEvent"], data["a"]["schedule"]["nextEvent"]] == listed
    nodes = await house.data(
        f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on CalendarEvent {{ {fields} }} }} }}",
        viewer,
        ids=[event["id"] for event in listed],
    )
    assert nodes["nodes"] == listed


@pytest.mark.parametrize(("limit", "bill"), [(None, 3), (20, 2), (4, 7)])
async def test_a_month_costs_a_request_per_limit_courses_and_once_only(
    house: House, limit: int | None, bill: int
) -> None:
    """W-01: 25 courses, none dropped; the next month the same again; overlapping and repeated ranges nothing."""
    world = world_of(25)
    canvas = await house.canvas(world, Behaviour(throttling=False, calendar_contexts_limit=limit))
    viewer = await admin()
    await house.data("{ classes { totalCount nodes { enrolledCount } } }", viewer)
    house.forget_calls()
    assert len(await titles(house, viewer)) == 25
    assert sorted(house.calls(canvas)) == [EVENTS] * bill + [LIMIT]
    house.forget_calls()
    assert len(await titles(house, viewer, **APRIL)) == 25
    assert house.calls(canvas) == [EVENTS] * bill
    house.forget_calls()
    assert len(await titles(house, viewer, start="2026-03-03", end="2026-04-03")) == 50
    assert len(await titles(house, viewer)) == 25
    assert house.calls(canvas) == []


async def test_three_months_at_once_ask_for_each_course_and_month_once(house: House) -> None:
    canvas = await house.canvas(world_of(25))
    viewer = await admin()
    await house.data("{ classes { totalCount } }", viewer)
    house.forget_calls()
    query = """{ a: calendar(start: "2026-02-01", end: "2026-04-30") { events { id } }
      b: calendar(start: "2026-03-05", end: "2026-03-06") { events { id } }
      classes(first: 100) { nodes { events(start: "2026-04-01", end: "2026-04-30") { id } } } }"""
    data = await house.data(query, viewer)
    assert len(data["a"]["events"]) == 50
    assert sum(len(node["events"]) for node in data["classes"]["nodes"]) == 25
    assert sorted(house.calls(canvas)) == [EVENTS] * 9 + [LIMIT]
    asked = [
        (code, query["start_date"][0])
        for entry in house.sandboxes[canvas.id].state.log.entries
        if entry.path == EVENTS[1]
        for query in [parse_qs(entry.query)]
        for code in query["context_codes[]"]
    ]
    assert len(asked) == len(set(asked)) == 75


@pytest.mark.parametrize("status", [401, 403])
async def test_one_unreadable_course_never_empties_the_rest(house: House, status: Any) -> None:
    """D-09b: it is left out and counted."""
    world = world_of(12)
    bad = list(world.courses)[3]
    behaviour = Behaviour(throttling=False, forbidden_status=status)
    behaviour.deny(bad, "read_calendar")
    canvas = await house.canvas(world, behaviour)
    viewer = await admin()
    data = await house.data(TITLES, viewer, **MARCH)
    assert len(data["calendar"]["events"]) == 11
    assert data["calendar"]["sources"] == [{"state": "FRESH", "errorCode": None, "expected": 12, "loaded": 11}]
    assert house.calls(canvas).count(EVENTS) == 2 + 10
    course = gid(CanvasClassRef(canvas.id, str(bad)))
    of_class = (
        'query($id: ID!) { class(id: $id) { events(start: "2026-03-01", end: "2026-03-31") { id } schedule { text } } }'
    )
    assert (await house.data(of_class, viewer, id=course))["class"] == {"events": None, "schedule": None}


async def test_a_canvas_that_fails_hides_no_native_event(house: House) -> None:
    await factories.class_event(starts_at=datetime(2026, 3, 4, 15, tzinfo=UTC))
    behaviour = Behaviour(throttling=False)
    await house.canvas(world_of(2), behaviour)
    viewer = await admin()
    await house.data("{ classes { totalCount } }", viewer)
    behaviour.revoked_tokens = [DEFAULT_TOKEN]
    data = await house.data(TITLES, viewer, **MARCH)
    assert len(data["calendar"]["events"]) == 1
    assert [(s["state"], s["expected"], s["loaded"]) for s in data["calendar"]["sources"]] == [("FAILED", 2, 0)]
    assert data["calendar"]["sources"][0]["errorCode"] == "ACCESS_KEY_REFUSED"


async def test_all_day_section_and_cancelled_events_are_shown_as_they_are(house: House) -> None:
    """W-16."""
    world = World()
    course = world.add_course("Algebra", time_zone="Asia/Tokyo")
    second = world.add_section(course.id, "Evening")
    world.add_all_day(f"course_{course.id}", "Assessment day", date(2026, 3, 10))
    first = world.sections_of_course[course.id][0]
    times = {
        first.id: ("2026-03-11T01:00:00Z", "2026-03-11T02:00:00Z"),
        second.id: ("2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z"),
    }
    world.add_section_events(course.id, "Lab", times)
    world.add_event(f"course_{course.id}", "Some day")
    series = world.add_series(
        f"course_{course.id}",
        "Meeting",
        "2026-03-02T01:00:00Z",
        "2026-03-02T02:00:00Z",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=3",
    )
    canvas = await house.canvas(world)
    data = await house.data(CALENDAR, await admin(), **MARCH)
    events = data["calendar"]["events"]
    assert [event["title"] for event in events] == [
        "Meeting", "Meeting", "Assessment day", "Lab (Algebra)", "Lab (Evening)", "Meeting",
    ]  # fmt: skip
    day = events[2]
    assert (day["allDay"], day["startsAt"], day["endsAt"]) == (
        True,
        "2026-03-09T15:00:00+00:00",
        "2026-03-10T15:00:00+00:00",
    )
    assert {event["class"]["id"] for event in events} == {gid(CanvasClassRef(canvas.id, str(course.id)))}
    assert {event["seriesId"] for event in events if event["title"] == "Meeting"} == {series[0].series_uuid}
    of_day = await house.data(TITLES, await admin(), start="2026-03-10", end="2026-03-10")
    assert [event["title"] for event in of_day["calendar"]["events"]] == ["Assessment day"]


async def test_a_moved_canvas_event_is_shown_once_while_one_month_is_older_than_the_other(house: House) -> None:
    world = world_of(1)
    canvas = await house.canvas(world)
    viewer = await admin()
    assert len(await titles(house, viewer)) == 1
    event = next(iter(world.events))
    world.move_event(event, "2026-04-10T15:00:00Z", "2026-04-10T16:00:00Z")
    house.clock.pass_(seconds=10)
    data = await house.data(TITLES, viewer, start="2026-03-01", end="2026-04-30")
    assert [e["startsAt"][:10] for e in data["calendar"]["events"]] == ["2026-04-03", "2026-04-10"]
    assert canvas.id


async def test_holidays_and_the_end_of_a_class_bound_its_sessions(house: House) -> None:
    north = await factories.facility(time_zone="America/Chicago")
    welding = await factories.school_class(facility=north, end_date=date(2026, 3, 24))
    await factories.holiday(
        facility=north, name="Founders' day", first_day=date(2026, 3, 9), last_day=date(2026, 3, 10)
    )
    start = datetime(2026, 3, 3, 1, tzinfo=UTC)  # Monday evening in Chicago
    await factories.class_event(
        school_class=welding, starts_at=start, time_zone="America/Chicago", rule="FREQ=WEEKLY;BYDAY=MO"
    )
    data = await house.data(CALENDAR, await admin(), start="2026-03-01", end="2026-04-30")
    assert [(e["startsAt"], e["isCancelled"], e["reason"]) for e in data["calendar"]["events"]] == [
        ("2026-03-03T01:00:00+00:00", False, None),
        ("2026-03-10T00:00:00+00:00", True, "Founders' day"),
        ("2026-03-17T00:00:00+00:00", False, None),
        ("2026-03-24T00:00:00+00:00", False, None),
    ]


@pytest.mark.parametrize("facilities", [1, 50])
async def test_three_hundred_courses_cost_thirty_requests_a_month_whatever_the_facilities(
    house: House, facilities: int
) -> None:
    """W-01, AC-15: for the department and for a facility whose people are in all of them."""
    places = [await factories.facility() for _ in range(facilities)]
    world = world_of(300)
    canvas = await house.canvas(world)
    person = await factories.user(facility=places[0])
    await linked(house, world, canvas, person, "Sam Reed", *world.courses)
    local = await factories.user(role=Role.FACILITY_ADMIN, facility=places[0])
    await house.data(
        "{ classes(first: 100) { nodes { enrolledCount } } programs { nodes { metrics { classCount } } } }", local
    )
    house.forget_calls()
    assert len(await titles(house, local)) == 300
    assert sorted(house.calls(canvas)) == [EVENTS] * 30 + [LIMIT]
    house.forget_calls()
    assert len(await titles(house, await admin())) == 300
    for place in places[:2]:
        found = await titles(house, await admin(), filter={"facilityId": gid(FacilityRef(place.id))})
        assert len(found) == (300 if place is places[0] else 0)
    assert house.calls(canvas) == []
    assert len(await titles(house, local, **APRIL)) == 300
    assert house.calls(canvas) == [EVENTS] * 30
