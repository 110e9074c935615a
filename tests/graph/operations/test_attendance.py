"""Attendance, its rates, and who may need help."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.models import AttendanceRecord, SchoolClass, User
from domain.enums import EnrollmentStatus, Role
from domain.refs import CanvasClassRef, NativeClassRef, NativeProgramRef, UserRef
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from tests import factories
from tests.support.house import NOON, House, gid

RECORD = """
mutation Record($input: RecordAttendanceInput!) {
  recordAttendance(input: $input) {
    event { attendance { user { firstName } mark minutes note recordedAt recordedBy { firstName } } missingAttendance { firstName } }
    errors { __typename ... on UserError { message path } } } }
"""
RATES = """
query Rates($class: ID!, $program: ID!, $user: ID!) {
  class(id: $class) { attendanceRate }
  program(id: $program) { metrics { attendanceRate } }
  node(id: $user) { ... on User { attendanceRate } } }
"""
FLAGS = """
query Flags($id: ID!) {
  class(id: $id) {
    atRisk { user { firstName } kind total attended missed attendanceRate reasons }
    atRiskSource { state errorCode message expected loaded } } }
"""


async def people(*names: str) -> tuple[User, SchoolClass, list[User]]:
    """A facility admin, a class of theirs, and those enrolled in it."""
    facility = await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=facility, first_name="Ann")
    school_class = await factories.school_class(facility=facility)
    found = [await factories.user(facility=facility, first_name=name) for name in names]
    for user in found:
        await factories.enrollment(school_class=school_class, user=user)
    return admin, school_class, found


async def sessions(school_class: SchoolClass, count: int) -> list[str]:
    """That many weekly sessions, the last of them today, as ids."""
    start = NOON - timedelta(weeks=count - 1)
    event = await factories.class_event(school_class=school_class, starts_at=start, rule="FREQ=WEEKLY")
    from domain.refs import NativeEventRef

    return [gid(NativeEventRef(event.id, f"{start + timedelta(weeks=n):%Y%m%dT%H%M%S}")) for n in range(count)]


async def record(house: House, admin: User, event: str, **marks: Any) -> Any:
    records = [{"userId": id, **(mark if isinstance(mark, dict) else {"mark": mark})} for id, mark in marks.items()]
    return (await house.data(RECORD, admin, input={"eventId": event, "records": records}))["recordAttendance"]


def ids(*users: User) -> list[str]:
    return [gid(UserRef(user.id)) for user in users]


async def test_a_session_is_recorded_in_bulk_and_says_who_is_missing(house: House) -> None:
    admin, welding, (bob, cid, dan) = await people("Bob", "Cid", "Dan")
    (event,) = await sessions(welding, 1)
    b, c, _ = ids(bob, cid, dan)
    full = {"mark": "PARTIAL", "minutes": 40, "note": "Dentist"}
    answer = await record(house, admin, event, **{b: "PRESENT", c: full})
    assert answer["errors"] == []
    common = {"recordedAt": NOON.isoformat(), "recordedBy": {"firstName": "Ann"}}
    assert answer["event"] == {
        "attendance": [
            {"user": {"firstName": "Bob"}, "mark": "PRESENT", "minutes": None, "note": None, **common},
            {"user": {"firstName": "Cid"}, "mark": "PARTIAL", "minutes": 40, "note": "Dentist", **common},
        ],
        "missingAttendance": [{"firstName": "Dan"}],
    }
    answer = await record(house, admin, event, **{b: None, c: "UNEXCUSED"})
    assert [(r["user"]["firstName"], r["mark"]) for r in answer["event"]["attendance"]] == [("Cid", "UNEXCUSED")]
    assert [person["firstName"] for person in answer["event"]["missingAttendance"]] == ["Bob", "Dan"]


async def test_what_cannot_be_recorded_is_said_and_nothing_is_written(house: House) -> None:
    admin, welding, (bob,) = await people("Bob")
    today, *_ = await sessions(welding, 1)
    stranger = await factories.user(facility=await factories.facility())
    (b,), (s,) = ids(bob), ids(stranger)

    async def errors(event: str, **marks: Any) -> list[tuple[str, Any]]:
        answer = await record(house, admin, event, **marks)
        assert answer["event"] is None
        return [(error["__typename"], error["path"]) for error in answer["errors"]]

    assert await errors(today, **{b: "PRESENT", s: "PRESENT"}) == [("NotFoundError", ["records", "1", "userId"])]
    assert await errors(today) == [("InvalidInputError", ["records"])]
    assert await errors(today, **{b: {"mark": "PRESENT", "minutes": 1441}}) == [
        ("InvalidInputError", ["records", "0", "minutes"])
    ]
    tomorrow = await sessions(welding, 1)
    house.clock.pass_(days=-1)
    assert await errors(tomorrow[0], **{b: "PRESENT"}) == [("ConflictError", ["eventId"])]
    house.clock.pass_(days=1)
    cancel = "mutation($input: CancelClassEventInput!) { cancelClassEvent(input: $input) { errors { __typename } } }"
    await house.data(cancel, admin, input={"id": today})
    assert await errors(today, **{b: "PRESENT"}) == [("ConflictError", ["eventId"])]
    student = await house.data(
        RECORD, bob, input={"eventId": tomorrow[0], "records": [{"userId": b, "mark": "PRESENT"}]}
    )
    assert [error["__typename"] for error in student["recordAttendance"]["errors"]] == ["NotAllowedError"]
    assert await AttendanceRecord.all().count() == 0


async def test_the_rate_counts_partial_as_there_and_excused_neither_way(house: House) -> None:
    admin, welding, (bob, cid) = await people("Bob", "Cid")
    events = await sessions(welding, 4)
    b, c = ids(bob, cid)
    query = {"class": gid(NativeClassRef(welding.id)), "program": gid(NativeProgramRef(welding.program_id)), "user": b}
    nothing = await house.data(RATES, admin, **query)
    assert nothing == {
        "class": {"attendanceRate": None},
        "program": {"metrics": {"attendanceRate": None}},
        "node": {"attendanceRate": None},
    }
    marks = (("PRESENT", "UNEXCUSED"), ("PARTIAL", "UNEXCUSED"), ("EXCUSED", "EXCUSED"), ("UNEXCUSED", "PRESENT"))
    for event, (of_bob, of_cid) in zip(events, marks, strict=True):
        await record(house, admin, event, **{b: of_bob, c: of_cid})
    assert await house.data(RATES, admin, **query) == {
        "class": {"attendanceRate": 0.5},
        "program": {"metrics": {"attendanceRate": 0.5}},
        "node": {"attendanceRate": 2 / 3},
    }
    assert (await house.data(RATES, bob, **query))["class"] == {"attendanceRate": None}
    assert (await house.data(RATES, bob, **query))["node"] == {"attendanceRate": 2 / 3}
    assert (await house.data(RATES, cid, **query))["node"] is None
    cid.deactivated_at = NOON
    await cid.save()
    assert (await house.data(RATES, admin, **query))["class"] == {"attendanceRate": 2 / 3}


async def test_a_student_reads_their_own_record_only(house: House) -> None:
    admin, welding, (bob, cid) = await people("Bob", "Cid")
    (event,) = await sessions(welding, 1)
    b, c = ids(bob, cid)
    await record(house, admin, event, **{b: "PRESENT", c: "UNEXCUSED"})
    query = "query($id: ID!) { node(id: $id) { ... on NativeEvent { attendance { mark } missingAttendance { id } } } }"
    data = await house.data(query, bob, id=event)
    assert data["node"] == {"attendance": [{"mark": "PRESENT"}], "missingAttendance": None}


async def test_native_flags_are_those_who_never_came_or_missed_three_times_lately(house: House) -> None:
    admin, welding, found = await people("Always", "Excused", "Lately", "Longago", "Never", "Unmarked")
    always, excused, lately, longago, never, _ = ids(*found)
    events = await sessions(welding, 8)
    marks = {
        always: ["PRESENT"] * 8,
        excused: ["EXCUSED"] * 8,
        lately: ["PRESENT"] * 4 + ["PARTIAL", "UNEXCUSED", "UNEXCUSED", "UNEXCUSED"],
        longago: ["UNEXCUSED"] * 3 + ["PRESENT"] * 5,
        never: ["EXCUSED"] * 7 + ["UNEXCUSED"],
    }
    for place, event in enumerate(events):
        await record(house, admin, event, **{user: of[place] for user, of in marks.items()})
    data = await house.data(FLAGS, admin, id=gid(NativeClassRef(welding.id)))
    assert data["class"] == {
        "atRiskSource": None,
        "atRisk": [
            {
                "user": {"firstName": "Lately"},
                "kind": "MULTIPLE_ABSENCES",
                "total": 8,
                "attended": 5,
                "missed": 3,
                "attendanceRate": 0.625,
                "reasons": ["3 unexcused absences in the last 28 days."],
            },
            {
                "user": {"firstName": "Never"},
                "kind": "NO_ATTENDANCE",
                "total": 8,
                "attended": 0,
                "missed": 1,
                "attendanceRate": 0.0,
                "reasons": ["No attendance in 8 recorded sessions."],
            },
            {
                "user": {"firstName": "Unmarked"},
                "kind": "NO_ATTENDANCE",
                "total": 8,
                "attended": 0,
                "missed": 0,
                "attendanceRate": None,
                "reasons": ["No attendance in 8 recorded sessions."],
            },
        ],
    }
    assert (await house.data(FLAGS, found[0], id=gid(NativeClassRef(welding.id))))["class"]["atRisk"] is None


async def test_nobody_is_flagged_where_nothing_was_recorded(house: House) -> None:
    admin, welding, _ = await people("Bob")
    await sessions(welding, 8)
    data = await house.data(FLAGS, admin, id=gid(NativeClassRef(welding.id)))
    assert data["class"]["atRisk"] == []


async def canvas_class(
    house: House, summaries: dict[str, dict[str, Any]], monkeypatch: Any, **behaviour: Any
) -> tuple[User, str, Any]:
    """A Canvas class whose linked students did that, one of them not active any more."""
    world = World()
    course = world.add_course("Algebra")
    canvas = await house.canvas(world, Behaviour(throttling=False, **behaviour))
    told = {}
    for name, summary in summaries.items():
        account = world.add_user(name)
        world.enrol(course.id, account.id, state="completed" if name == "Gone" else "active")
        told[account.id] = summary
        if name != "Stranger":
            user = await factories.user(first_name=name, facility=await factories.facility())
            await factories.link(provider=canvas, user=user, external_user_id=str(account.id))
    monkeypatch.setattr("sandbox.rest.analytics.summary_of", lambda id, _, **__: {"id": id, **told[id]})
    return await factories.user(role=Role.DEPARTMENT_ADMIN), gid(CanvasClassRef(canvas.id, str(course.id))), canvas


def summary(views: int | None, parts: int | None, total: int, on_time: int, late: int, missing: int) -> dict[str, Any]:
    broken = {"total": total, "on_time": on_time, "late": late, "missing": missing, "floating": 0}
    return {"page_views": views, "participations": parts, "tardiness_breakdown": broken}


async def test_canvas_flags_need_two_of_three_signals(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-39."""
    told = {
        "Absent": summary(0, 0, 10, 0, 0, 10),
        "Busy": summary(300, 12, 10, 9, 1, 0),
        "Gone": summary(0, 0, 10, 0, 0, 10),
        "Idle": summary(0, 0, 0, 0, 0, 0),
        "Late": summary(12, 0, 10, 4, 2, 4),
        "Lurker": summary(0, 4, 10, 6, 0, 4),
        "Mute": summary(None, 0, 10, 7, 0, 3),
        "Quiet": summary(None, None, 10, 2, 0, 8),
        "Stranger": summary(0, 0, 10, 0, 0, 10),
    }
    admin, school_class, canvas = await canvas_class(house, told, monkeypatch)
    data = (await house.data(FLAGS, admin, id=school_class))["class"]
    assert [
        (f["user"]["firstName"], f["kind"], f["total"], f["attended"], f["missed"], f["attendanceRate"])
        for f in data["atRisk"]
    ] == [
        ("Absent", "NO_ATTENDANCE", 10, 0, 10, 0.0),
        ("Late", "NO_ATTENDANCE", 10, 6, 4, 0.6),
        ("Lurker", "NO_ATTENDANCE", 10, 6, 4, 0.6),
    ]
    assert data["atRisk"][0]["reasons"] == [
        "No page viewed in Canvas.",
        "No participation in Canvas.",
        "10 of 10 assignments are missing.",
    ]
    assert data["atRiskSource"] == {"state": "FRESH", "errorCode": None, "message": None, "expected": 1, "loaded": 1}
    paths = [path for _, path in house.calls(canvas)]
    assert sum(path.endswith("/analytics/student_summaries") for path in paths) == 1


async def test_a_canvas_without_analytics_flags_nobody_and_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, school_class, _ = await canvas_class(
        house, {"Absent": summary(0, 0, 10, 0, 0, 10)}, monkeypatch, analytics_installed=False
    )
    data = (await house.data(FLAGS, admin, id=school_class))["class"]
    assert data["atRisk"] == []
    assert data["atRiskSource"] == {
        "state": "DISABLED",
        "errorCode": "ANALYTICS_NOT_AVAILABLE",
        "message": "Canvas has no analytics for this class.",
        "expected": 1,
        "loaded": 0,
    }


async def test_a_canvas_that_fails_flags_nobody_as_safe(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, school_class, canvas = await canvas_class(house, {"Absent": summary(0, 0, 10, 0, 0, 10)}, monkeypatch)
    await house.data("{ classes { nodes { enrolledCount } } }", admin)
    house.sandboxes[canvas.id].state.behaviour.revoked_tokens = [DEFAULT_TOKEN]
    data = (await house.data(FLAGS, admin, id=school_class))["class"]
    assert data["atRisk"] is None
    assert (data["atRiskSource"]["state"], data["atRiskSource"]["loaded"]) == ("FAILED", 0)


async def test_completion_costs_no_request_beyond_the_roster(house: House) -> None:
    """Behaviours §1.4: both counts come from one roster."""
    world = World()
    course = world.add_course("Algebra")
    canvas = await house.canvas(world)
    for state in ("active", "active", "completed"):
        account = world.add_user("Person")
        world.enrol(course.id, account.id, state=state)
        await factories.link(provider=canvas, external_user_id=str(account.id))
    native = await factories.school_class()
    for status in (EnrollmentStatus.ENROLLED, EnrollmentStatus.COMPLETED):
        await factories.enrollment(school_class=native, status=status)
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    query = "{ classes { nodes { name enrolledCount completedCount } } programs { nodes { source metrics { completionRate } } } }"
    data = await house.data(query, admin)
    assert {(n["enrolledCount"], n["completedCount"]) for n in data["classes"]["nodes"]} == {(2, 1), (1, 1)}
    assert {(n["source"], n["metrics"]["completionRate"]) for n in data["programs"]["nodes"]} == {
        ("CANVAS", 1 / 3),
        ("NATIVE", 0.5),
    }
    assert house.calls(canvas) == [("GET", "/api/v1/accounts/1/courses"), ("POST", "/api/graphql")]
