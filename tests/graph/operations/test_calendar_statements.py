"""The database is asked as often for a large calendar as for a small one (AC-15)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from db.models import AttendanceRecord, Facility, SchoolClass, User
from domain.enums import AttendanceMark, Role
from domain.refs import NativeEventRef, UserRef
from tests import factories
from tests.support.house import NOON, House, gid
from tests.support.importing import Counter

CALENDAR = """{ calendar(start: "2026-02-01", end: "2026-03-31") { events {
  id title class { name enrolledCount } program { name } facility { name }
  ... on NativeEvent { instructor { fullName } room { name } rescheduledTo { id startsAt } rescheduledFrom { id startsAt }
    attendance { mark user { fullName } recordedBy { fullName } } missingAttendance { fullName } } } } }"""
CLASSES = """{ classes(first: 100) { nodes {
  attendanceRate completedCount schedule { text room nextEvent { id startsAt class { name } } }
  events(start: "2026-02-01", end: "2026-03-31") { id } atRisk { kind user { fullName attendanceRate } } } } }"""
RECORD = """mutation($input: RecordAttendanceInput!) { recordAttendance(input: $input) {
  event { attendance { user { fullName } } missingAttendance { fullName } } errors { __typename } } }"""


@pytest.fixture
def counter() -> Iterator[Counter]:
    handler, log = Counter(), logging.getLogger("tortoise.db_client")
    level = log.level
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


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


async def bill(house: House, counter: Counter, query: str, viewer: User, **variables: Any) -> tuple[int, Any]:
    counter.statements = 0
    data = await house.data(query, viewer, **variables)
    return counter.statements, data


async def test_statements_do_not_follow_the_rows_of_a_calendar(house: House, counter: Counter) -> None:
    north = await factories.facility(time_zone="UTC")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    await taught(north, admin, people=2)
    small = {query: await bill(house, counter, query, admin) for query in (CALENDAR, CLASSES)}
    for _ in range(8):
        await taught(north, admin, people=6)
    large = {query: await bill(house, counter, query, admin) for query in (CALENDAR, CLASSES)}
    events = [len(of[CALENDAR][1]["calendar"]["events"]) for of in (small, large)]
    assert events == [10, 90]
    assert [len(of[CLASSES][1]["classes"]["nodes"]) for of in (small, large)] == [1, 9]
    flags = [node["atRisk"] for node in large[CLASSES][1]["classes"]["nodes"]]
    assert sorted(map(len, flags)) == [2, *[6] * 8]
    assert {query: statements for query, (statements, _) in large.items()} == {
        query: statements for query, (statements, _) in small.items()
    }


async def test_statements_do_not_follow_the_people_of_a_session(house: House, counter: Counter) -> None:
    north = await factories.facility(time_zone="UTC")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    bills = []
    for people in (3, 40):
        school_class = await taught(north, admin, people)
        event = await school_class.events.all().first()  # type: ignore[attr-defined]
        users = await User.filter(enrollments__school_class_id=school_class.id)
        records = [{"userId": gid(UserRef(user.id)), "mark": "PRESENT"} for user in users]
        given = {"eventId": gid(NativeEventRef(event.id, "20260223T180000")), "records": records}
        statements, data = await bill(house, counter, RECORD, admin, input=given)
        assert len(data["recordAttendance"]["event"]["attendance"]) == people
        bills.append(statements)
    assert bills[0] == bills[1]
    assert await AttendanceRecord.filter(mark=AttendanceMark.PRESENT).count() == 43
