"""Sessions that were moved: in which ranges they are, what they keep, and what ends them."""

from __future__ import annotations

from typing import Any

from db.models import AttendanceRecord, ClassEvent, EventOverride
from domain.refs import NativeClassRef, NativeEventRef, RoomRef, UserRef
from tests import factories
from tests.support.house import House, gid
from tests.support.sessions import CANCEL, MOVE, RESTORE, SCHEDULE, kinds, listed, mutation, scheduled, starts, teach

RANGE = """query($start: Date!, $end: Date!) { calendar(start: $start, end: $end) {
  events { startsAt isCancelled ... on NativeEvent { rescheduledTo { startsAt } rescheduledFrom { startsAt } } } } }"""


async def days(house: House, viewer: Any, start: str, end: str) -> list[tuple[Any, ...]]:
    """Start, whether it is off, where it was moved, where it came from."""
    found = (await house.data(RANGE, viewer, start=start, end=end))["calendar"]["events"]
    return [
        (
            e["startsAt"][:16],
            e["isCancelled"],
            *((e[k] or {}).get("startsAt") for k in ("rescheduledTo", "rescheduledFrom")),
        )
        for e in found
    ]


async def test_a_moved_session_is_in_the_range_it_moved_to_and_the_cancelled_one_where_it_was(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    second = (await listed(house, admin))[1]
    await house.data(MOVE, admin, input={"id": second["id"], "startsAt": "2026-06-20T15:00:00Z"})
    was, now = "2026-03-10T00:30", "2026-06-20T15:00"
    assert await days(house, admin, "2026-03-09", "2026-03-09") == [(was, True, f"{now}:00+00:00", None)]
    assert await days(house, admin, "2026-06-20", "2026-06-20") == [(now, False, None, f"{was}:00+00:00")]
    assert await days(house, admin, "2026-06-21", "2026-06-30") == []
    await house.data(MOVE, admin, input={"id": second["id"], "startsAt": "2025-12-24T15:00:00Z"})
    assert await days(house, admin, "2026-06-20", "2026-06-20") == []
    assert await days(house, admin, "2025-12-24", "2025-12-24") == [
        ("2025-12-24T15:00", False, None, f"{was}:00+00:00")
    ]
    await house.data(RESTORE, admin, input={"id": second["id"]})
    assert await days(house, admin, "2025-12-24", "2025-12-24") == []
    assert await days(house, admin, "2026-03-09", "2026-03-09") == [(was, False, None, None)]


async def test_cancelling_twice_keeps_the_last_reason_and_a_cancelled_session_may_be_moved(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    first = (await listed(house, admin))[0]
    for reason in ("Storm", "Lockdown"):
        await house.data(CANCEL, admin, input={"id": first["id"], "reason": reason})
    assert [(e["isCancelled"], e["reason"]) for e in await listed(house, admin)][:2] == [
        (True, "Lockdown"),
        (False, None),
    ]
    await house.data(MOVE, admin, input={"id": first["id"], "startsAt": "2026-03-05T15:00:00Z"})
    assert [(row.cancelled, row.reason) for row in await EventOverride.all()] == [(False, None)]
    assert [e["isCancelled"] for e in await listed(house, admin)][:2] == [True, False]


async def test_a_moved_session_is_off_when_its_class_is_cancelled(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    second = (await listed(house, admin))[1]
    await house.data(MOVE, admin, input={"id": second["id"], "startsAt": "2026-03-12T15:00:00Z", "reason": "Audit"})
    cancel = mutation("updateClass", "class { id }")
    await house.data(cancel, admin, input={"id": gid(NativeClassRef(welding.id)), "status": "CANCELLED"})
    found = await listed(house, admin)
    assert [(e["startsAt"][:10], e["isCancelled"], e["reason"]) for e in found] == [
        ("2026-03-03", True, "The class was cancelled."),
        ("2026-03-10", True, "Audit"),
        ("2026-03-12", True, "The class was cancelled."),
        ("2026-03-17", True, "The class was cancelled."),
        ("2026-03-24", True, "The class was cancelled."),
    ]


async def test_a_moved_session_with_attendance_stays_by_whichever_id_it_is_named(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    first = (await listed(house, admin))[0]
    moved = await house.data(MOVE, admin, input={"id": first["id"], "startsAt": "2026-03-02T15:00:00Z"})
    (event,) = await ClassEvent.all()
    await factories.attendance_record(event=event, occurrence="20260302T193000M")
    ids = [first["id"], moved["rescheduleClassEvent"]["event"]["id"]]
    assert ids[1] == gid(NativeEventRef(event.id, "20260302T193000M"))
    for id in ids:
        assert await kinds(house, MOVE, admin, id=id, startsAt="2026-03-04T15:00:00Z") == ["ConflictError"]
        assert await kinds(house, RESTORE, admin, id=id) == ["ConflictError"]
        assert await kinds(house, CANCEL, admin, id=id) == ["ConflictError"]
    assert await AttendanceRecord.all().count() == 1
    assert (await starts(house, admin))[:2] == ["2026-03-02T15:00", "2026-03-03T01:30"]


async def test_a_move_warns_of_the_moved_session_alone(house: House) -> None:
    admin, welding, facility = await teach()
    cooking = await factories.school_class(name="Cooking", facility=facility)
    room = gid(RoomRef((await factories.room(facility=facility, name="Shop B")).id))
    teacher = gid(UserRef(admin.id))
    await scheduled(house, admin, welding, roomId=room)
    clash = {"startsAt": "2026-03-24T01:00:00Z", "duration": "PT2H", "roomId": room, "instructorId": teacher}
    await house.data(SCHEDULE, admin, input={"classId": gid(NativeClassRef(cooking.id)), **clash})
    first = (await listed(house, admin))[0]
    free = await house.data(MOVE, admin, input={"id": first["id"], "startsAt": "2026-03-04T01:00:00Z"})
    assert free["rescheduleClassEvent"]["warnings"] == []
    taken = await house.data(MOVE, admin, input={"id": first["id"], "startsAt": "2026-03-24T02:30:00Z"})
    assert [(w["kind"], w["at"]["startsAt"][:16]) for w in taken["rescheduleClassEvent"]["warnings"]] == [
        ("ROOM", "2026-03-24T02:30")
    ]


async def test_where_a_session_cannot_be_moved_to_is_said(house: House) -> None:
    admin, welding, _ = await teach()
    await scheduled(house, admin, welding)
    first = (await listed(house, admin))[0]
    for given in (
        {"duration": "PT0.5S"},
        {"duration": "-PT1H"},
        {"duration": "P2D"},
        {"startsAt": "2301-01-01T00:00:00Z"},
    ):
        wanted = {"id": first["id"], "startsAt": "2026-03-05T15:00:00Z", **given}
        payload = (await house.data(MOVE, admin, input=wanted))["rescheduleClassEvent"]
        assert [(e["__typename"], e["path"]) for e in payload["errors"]] == [("InvalidInputError", [next(iter(given))])]
    assert await EventOverride.all().count() == 0
