"""Scheduling, changing, cancelling and moving sessions."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, ClassEvent, EventOverride
from domain.enums import Role
from domain.refs import CanvasClassRef, CanvasEventRef, NativeClassRef, NativeEventRef, RoomRef, UserRef
from tests import factories
from tests.support.house import House, gid
from tests.support.sessions import (
    CANCEL,
    DELETE,
    MOVE,
    RESTORE,
    SCHEDULE,
    UPDATE,
    kinds,
    listed,
    scheduled,
    starts,
    teach,
)


async def test_a_series_keeps_its_wall_clock_over_the_change_of_the_clocks(house: House) -> None:
    """W-15: an evening class whose weekday in UTC is another one."""
    admin, welding, _ = await teach()
    event = await scheduled(house, admin, welding)
    assert event["timeZone"] == "America/Chicago"
    assert event["title"] == "Welding"
    assert await starts(house, admin) == [
        "2026-03-03T01:30",
        "2026-03-10T00:30",
        "2026-03-17T00:30",
        "2026-03-24T00:30",
    ]
    entry = await AuditEntry.get()
    assert (entry.action, entry.object_type, entry.object_key) == (
        "scheduleClassEvent",
        "NativeClass",
        f"native:{welding.id}",
    )
    assert entry.after is not None
    assert entry.after["rule"] == "FREQ=WEEKLY;BYDAY=MO;COUNT=4"


async def test_a_series_begins_where_its_rule_first_falls(house: House) -> None:
    admin, welding, _ = await teach()
    event = await scheduled(
        house,
        admin,
        welding,
        startsAt="2026-03-04T16:00:00Z",
        recurrenceRule="RRULE:freq=weekly;byday=mo,fr;until=20260313",
    )
    assert event["recurrenceRule"] == "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260314T045959Z"
    assert await starts(house, admin) == ["2026-03-06T16:00", "2026-03-09T15:00", "2026-03-13T15:00"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"recurrenceRule": "FREQ=SECONDLY"}, "recurrenceRule"),
        ({"recurrenceRule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "recurrenceRule"),
        ({"recurrenceRule": "nonsense"}, "recurrenceRule"),
        ({"recurrenceRule": "FREQ=YEARLY;BYMONTH=2;BYDAY=53MO"}, "recurrenceRule"),
        ({"recurrenceRule": "FREQ=WEEKLY;UNTIL=99991231T235959Z"}, "recurrenceRule"),
        ({"recurrenceRule": "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU,1MO"}, "recurrenceRule"),
        ({"duration": "PT0S"}, "duration"),
        ({"duration": "-PT1H"}, "duration"),
        ({"duration": "PT25H"}, "duration"),
        ({"startsAt": "0001-01-01T00:00:00Z"}, "startsAt"),
        ({"title": "x" * 300}, "title"),
    ],
)
async def test_what_cannot_be_scheduled_is_said_and_not_written(house: House, given: dict[str, str], path: str) -> None:
    admin, welding, _ = await teach()
    event = {
        "classId": gid(NativeClassRef(welding.id)),
        "startsAt": "2026-03-03T01:30:00Z",
        "duration": "PT2H",
        **given,
    }
    payload = (await house.data(SCHEDULE, admin, input=event))["scheduleClassEvent"]
    assert [(error["__typename"], error["path"]) for error in payload["errors"]] == [("InvalidInputError", [path])]
    assert await ClassEvent.all().count() == 0
    assert await AuditEntry.all().count() == 0


async def test_who_may_schedule_what(house: House) -> None:
    admin, welding, facility = await teach()
    elsewhere = await factories.facility()
    other = await factories.user(role=Role.FACILITY_ADMIN, facility=elsewhere)
    student = await factories.user(facility=facility)
    theirs = await factories.user(facility=elsewhere)
    guest_of_both = await factories.school_class(facility=elsewhere)
    await factories.enrollment(school_class=welding, user=student)
    await factories.enrollment(school_class=guest_of_both, user=student)
    event = {"startsAt": "2026-03-03T01:30:00Z", "duration": "PT2H"}
    of_welding = {"classId": gid(NativeClassRef(welding.id)), **event}
    foreign_room = gid(RoomRef((await factories.room(facility=elsewhere)).id))
    assert await kinds(house, SCHEDULE, student, **of_welding) == ["NotAllowedError"]
    assert await kinds(house, SCHEDULE, other, **of_welding) == ["NotFoundError"]
    assert await kinds(house, SCHEDULE, admin, **of_welding, roomId=foreign_room) == ["NotFoundError"]
    assert await kinds(house, SCHEDULE, admin, **of_welding, instructorId=gid(UserRef(theirs.id))) == ["NotFoundError"]
    assert await kinds(house, SCHEDULE, admin, **of_welding, instructorId=gid(UserRef(student.id))) == [
        "InvalidInputError"
    ]
    assert await kinds(house, SCHEDULE, admin, classId=gid(NativeClassRef(guest_of_both.id)), **event) == [
        "NotAllowedError"
    ]
    assert await kinds(house, SCHEDULE, admin, classId=gid(CanvasClassRef(1, "7")), **event) == ["ReadOnlyError"]
    assert await kinds(house, CANCEL, admin, id=gid(CanvasEventRef(1, "7", "8"))) == ["ReadOnlyError"]
    assert await ClassEvent.all().count() == 0
    event_id = (await scheduled(house, admin, welding))["id"]
    for query, given in (
        (CANCEL, {}),
        (RESTORE, {}),
        (DELETE, {}),
        (MOVE, {"startsAt": "2026-03-04T01:30:00Z"}),
        (UPDATE, {"title": "x"}),
    ):
        assert await kinds(house, query, other, id=event_id, **given) == ["NotFoundError"]
        assert await kinds(house, query, student, id=event_id, **given) == ["NotAllowedError"]


async def test_one_session_is_cancelled_with_its_reason_and_restored(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    second = (await listed(house, admin))[1]
    data = await house.data(CANCEL, admin, input={"id": second["id"], "reason": "Lockdown"})
    cancelled = data["cancelClassEvent"]["event"]
    assert cancelled == {**second, "isCancelled": True, "reason": "Lockdown"}
    assert [event["isCancelled"] for event in await listed(house, admin)] == [False, True, False, False]
    data = await house.data(RESTORE, admin, input={"id": second["id"]})
    assert data["restoreClassEvent"]["event"] == second
    assert await kinds(house, RESTORE, admin, id=second["id"]) == ["ConflictError"]


async def test_a_moved_session_and_the_cancelled_one_know_each_other(house: House) -> None:
    admin, welding, facility = await teach()
    await scheduled(house, admin, welding)
    second = (await listed(house, admin))[1]
    room = await factories.room(facility=facility, name="Shop B")
    given = {
        "id": second["id"],
        "startsAt": "2026-05-01T20:00:00Z",
        "duration": "PT30M",
        "roomId": gid(RoomRef(room.id)),
        "reason": "Audit",
    }
    data = await house.data(MOVE, admin, input=given)
    moved = data["rescheduleClassEvent"]["event"]
    origin = moved.pop("rescheduledFrom")
    assert moved == {
        **second,
        "id": moved["id"],
        "startsAt": "2026-05-01T20:00:00+00:00",
        "endsAt": "2026-05-01T20:30:00+00:00",
        "isRescheduled": True,
        "reason": "Audit",
        "location": "Shop B",
    }
    assert origin == {**second, "isCancelled": True, "reason": "Audit", "rescheduledTo": {"id": moved["id"]}}
    assert await starts(house, admin) == [
        "2026-03-03T01:30", "2026-03-10T00:30", "2026-03-17T00:30", "2026-03-24T00:30", "2026-05-01T20:00",
    ]  # fmt: skip
    again = await house.data(MOVE, admin, input={"id": moved["id"], "startsAt": "2026-05-02T20:00:00Z"})
    assert again["rescheduleClassEvent"]["event"]["id"] == moved["id"]
    assert await EventOverride.all().count() == 1
    assert await kinds(house, CANCEL, admin, id=second["id"]) == ["ConflictError"]
    off = await house.data(CANCEL, admin, input={"id": moved["id"], "reason": "Storm"})
    assert (off["cancelClassEvent"]["event"]["isCancelled"], off["cancelClassEvent"]["event"]["startsAt"]) == (
        True,
        "2026-05-02T20:00:00+00:00",
    )


async def test_overlaps_of_room_and_instructor_are_told_and_not_refused(house: House) -> None:
    admin, welding, facility = await teach()
    cooking = await factories.school_class(name="Cooking", facility=facility)
    room = gid(RoomRef((await factories.room(facility=facility, name="Shop B")).id))
    teacher = gid(UserRef(admin.id))
    first = await scheduled(house, admin, welding, roomId=room, instructorId=teacher)
    event = {"classId": gid(NativeClassRef(cooking.id)), "startsAt": "2026-03-17T01:00:00Z", "duration": "PT2H"}
    data = await house.data(SCHEDULE, admin, input={**event, "roomId": room, "instructorId": teacher})
    second = (await listed(house, admin))[2]
    assert data["scheduleClassEvent"]["errors"] == []
    assert data["scheduleClassEvent"]["warnings"] == [
        {
            "kind": kind,
            "message": message,
            "at": {"startsAt": "2026-03-17T01:00:00+00:00"},
            "overlapping": {"id": second["id"], "title": "Welding"},
        }
        for kind, message in (
            ("ROOM", "The room Shop B is also needed by “Welding” at that time."),
            ("INSTRUCTOR", "The instructor is also needed by “Welding” at that time."),
        )
    ]
    beside = await house.data(SCHEDULE, admin, input={**event, "startsAt": "2026-03-17T02:30:00Z", "roomId": room})
    assert [w["overlapping"]["title"] for w in beside["scheduleClassEvent"]["warnings"]] == ["Cooking"]
    assert first["id"] != second["id"]


async def test_a_whole_series_moves_by_as_much_as_one_of_its_sessions(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    third = (await listed(house, admin))[2]
    given = {
        "id": third["id"],
        "startsAt": "2026-03-18T01:00:00Z",
        "recurrenceRule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4",
        "duration": "PT1H",
    }
    data = await house.data(UPDATE, admin, input=given)
    assert data["updateClassEvent"]["errors"] == []
    found = await listed(house, admin)
    assert [(e["startsAt"][:16], e["endsAt"][:16]) for e in found] == [
        ("2026-03-04T02:00", "2026-03-04T03:00"),
        ("2026-03-11T01:00", "2026-03-11T02:00"),
        ("2026-03-18T01:00", "2026-03-18T02:00"),
        ("2026-03-25T01:00", "2026-03-25T02:00"),
    ]


async def test_a_new_start_that_the_rule_does_not_fall_on_needs_a_new_rule(house: House) -> None:
    """Else a class that is moved from Monday to Tuesday would stay on Mondays, and lose its first."""
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    third = (await listed(house, admin))[2]
    before = await starts(house, admin)
    for span in ("ALL", "FOLLOWING"):
        given = {"id": third["id"], "span": span, "startsAt": "2026-03-18T00:30:00Z"}
        payload = (await house.data(UPDATE, admin, input=given))["updateClassEvent"]
        assert [(e["__typename"], e["path"]) for e in payload["errors"]] == [("InvalidInputError", ["startsAt"])]
    assert await starts(house, admin) == before
    later = {"id": third["id"], "span": "FOLLOWING", "startsAt": "2026-03-17T01:30:00Z"}
    assert (await house.data(UPDATE, admin, input=later))["updateClassEvent"]["errors"] == []
    assert await starts(house, admin) == [*before[:2], "2026-03-17T01:30", "2026-03-24T01:30"]


async def test_following_sessions_change_and_earlier_ones_stay(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    found = await listed(house, admin)
    await house.data(CANCEL, admin, input={"id": found[3]["id"], "reason": "Off"})
    data = await house.data(UPDATE, admin, input={"id": found[2]["id"], "span": "FOLLOWING", "title": "Evening"})
    assert data["updateClassEvent"]["event"]["title"] == "Evening"
    after = await listed(house, admin)
    assert [(e["startsAt"], e["title"], e["isCancelled"]) for e in after] == [
        (found[0]["startsAt"], "Welding", False),
        (found[1]["startsAt"], "Welding", False),
        (found[2]["startsAt"], "Evening", False),
        (found[3]["startsAt"], "Evening", True),
    ]
    assert [e["recurrenceRule"] for e in after[1:3]] == [
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260317T002959Z", "FREQ=WEEKLY;BYDAY=MO;COUNT=2",
    ]  # fmt: skip


async def test_deleting_takes_the_series_or_its_end(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    found = await listed(house, admin)
    data = await house.data(DELETE, admin, input={"id": found[2]["id"], "span": "FOLLOWING"})
    assert data["deleteClassEvent"] == {"deletedId": found[2]["id"], "class": {"name": "Welding"}, "errors": []}
    assert await starts(house, admin) == ["2026-03-03T01:30", "2026-03-10T00:30"]
    await house.data(DELETE, admin, input={"id": found[1]["id"]})
    assert await starts(house, admin) == []
    assert await kinds(house, DELETE, admin, id=found[1]["id"]) == ["NotFoundError"]


async def test_recorded_sessions_stay_where_they_were(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    first, second, *_ = await listed(house, admin)
    event = await ClassEvent.get()
    await factories.attendance_record(event=event, occurrence="20260302T193000")
    assert await kinds(house, CANCEL, admin, id=first["id"]) == ["ConflictError"]
    assert await kinds(house, MOVE, admin, id=first["id"], startsAt="2026-03-04T01:30:00Z") == ["ConflictError"]
    assert await kinds(house, DELETE, admin, id=second["id"]) == ["ConflictError"]
    assert await kinds(house, UPDATE, admin, id=second["id"], recurrenceRule="FREQ=DAILY;COUNT=2") == ["ConflictError"]
    data = await house.data(
        UPDATE, admin, input={"id": second["id"], "span": "FOLLOWING", "recurrenceRule": "FREQ=DAILY;COUNT=2"}
    )
    assert data["updateClassEvent"]["errors"] == []
    assert await starts(house, admin) == ["2026-03-03T01:30", "2026-03-10T00:30", "2026-03-11T00:30"]


async def test_scheduling_twice_with_one_key_schedules_once(house: House) -> None:
    """C-25."""
    admin, welding, _ = await teach()
    first = await scheduled(house, admin, welding, idempotencyKey="k")
    assert await scheduled(house, admin, welding, idempotencyKey="k") == first
    assert await ClassEvent.all().count() == 1


async def test_an_id_names_its_occurrence_and_nothing_else(house: House) -> None:
    """D-01."""
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    (event,) = await ClassEvent.all()
    ids = [gid(NativeEventRef(event.id, key)) for key in ("20260302T193000", "20260303T193000", "20260302T193000M")]
    ids.append(gid(NativeEventRef(event.id + 1, "20260302T193000")))
    data = await house.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", admin, ids=ids)
    assert data["nodes"] == [{"id": ids[0]}, None, None, None]
