"""The database is asked as often for a large calendar as for a small one (AC-15)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from db.models import AttendanceRecord, Facility, SchoolClass, User
from domain.enums import AttendanceMark, Role
from domain.refs import NativeEventRef, UserRef
from tests import factories
from tests.support.house import NOON, House, gid
from tests.support.statements import Statements, grown

CALENDAR = """{ calendar(start: "2026-02-01", end: "2026-03-31") { events {
  id title class { name enrolledCount } program { name } facility { name }
  ... on NativeEvent { instructor { fullName } room { name } rescheduledTo { id startsAt } rescheduledFrom { id startsAt }
    attendance { mark user { fullName } recordedBy { fullName } } missingAttendance { fullName } } } } }"""
CLASSES = """{ classes(first: 100) { nodes {
  attendanceRate completedCount schedule { text room nextEvent { id startsAt class { name } } }
  events(start: "2026-02-01", end: "2026-03-31") { id } atRisk { kind user { fullName attendanceRate } } } } }"""
RECORD = """mutation($input: RecordAttendanceInput!) { recordAttendance(input: $input) {
  event { attendance { user { fullName } } missingAttendance { fullName } } errors { __typename } } }"""

Bill = tuple[Counter[str], Any]


async def taught(north: Facility, teacher: User, people: int) -> SchoolClass:
    """A class with its own room, a session of each kind, and attendance of all but one of its people."""
    school_class = await factories.school_class(facility=north)
    room = await factories.room(facility=north)
    event = await factories.class_event(
        school_class=school_class,
        starts_at=NOON - timedelta(weeks=4),
        rule="FREQ=WEEKLY",
        room=room,
        instructor=teacher,
    )
    await factories.event_override(event=event, occurrence="20260209T180000")
    await factories.event_override(event=event, occurrence="20260216T180000", moved_to=NOON - timedelta(days=3))
    for number in range(people):
        user = await factories.user(facility=north)
        await factories.enrollment(school_class=school_class, user=user)
        if number:
            at = {"event": event, "occurrence": "20260202T180000", "held_at": NOON - timedelta(weeks=4)}
            await factories.attendance_record(**at, user=user, recorded_by=teacher, mark=AttendanceMark.UNEXCUSED)
    return school_class


async def bill(house: House, statements: Statements, query: str, viewer: User, **variables: Any) -> Bill:
    statements.take()
    data = await house.data(query, viewer, **variables)
    return statements.take(), data


async def test_statements_do_not_follow_the_rows_of_a_calendar(house: House, statements: Statements) -> None:
    north = await factories.facility(time_zone="UTC")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    await taught(north, admin, people=2)
    small = {query: await bill(house, statements, query, admin) for query in (CALENDAR, CLASSES)}
    for _ in range(8):
        await taught(north, admin, people=6)
    large = {query: await bill(house, statements, query, admin) for query in (CALENDAR, CLASSES)}
    events = [len(of[CALENDAR][1]["calendar"]["events"]) for of in (small, large)]
    assert events == [10, 90]
    assert [len(of[CLASSES][1]["classes"]["nodes"]) for of in (small, large)] == [1, 9]
    flags = [node["atRisk"] for node in large[CLASSES][1]["classes"]["nodes"]]
    assert sorted(map(len, flags)) == [2, *[6] * 8]
    for query in (CALENDAR, CLASSES):
        assert small[query][0].total() > 10
        assert grown(small[query][0], large[query][0]) == {}


async def test_statements_do_not_follow_the_people_of_a_session(house: House, statements: Statements) -> None:
    north = await factories.facility(time_zone="UTC")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    bills = []
    for people in (3, 40):
        school_class = await taught(north, admin, people)
        event = await school_class.events.all().first()  # type: ignore[attr-defined]
        users = await User.filter(enrollments__school_class_id=school_class.id)
        records = [{"userId": gid(UserRef(user.id)), "mark": "PRESENT"} for user in users]
        given = {"eventId": gid(NativeEventRef(event.id, "20260223T180000")), "records": records}
        kinds, data = await bill(house, statements, RECORD, admin, input=given)
        assert len(data["recordAttendance"]["event"]["attendance"]) == people
        bills.append(kinds)
    assert bills[0].total() > 10
    assert grown(bills[0], bills[1]) == {}
    assert await AttendanceRecord.filter(mark=AttendanceMark.PRESENT).count() == 43
