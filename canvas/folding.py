"""Enrolment rows into people. Canvas has one row per person, section and role (canvas-api §5.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import msgspec

from canvas.payloads import by_id, earliest, id_order, latest, name, utc
from domain import facts

STUDENT = "StudentEnrollment"
TEST_STUDENT = "StudentViewEnrollment"
STAFF_TYPES = ["TeacherEnrollment", "TaEnrollment", "DesignerEnrollment", "ObserverEnrollment"]
STATES = ["active", "completed"]


class Row(msgspec.Struct, frozen=True):
    """One enrolment row, the same from REST and from GraphQL."""

    user_id: str
    course_id: str
    section_id: str | None
    type: str
    active: bool
    created_at: datetime | None
    ended_at: datetime | None
    name: str | None


def roster(found: Iterable[Row]) -> facts.Roster:
    """Everybody of one course, students and staff by ascending id.

    Quirk:  the test student is nobody. An observer has a row per observed student.
    """
    students: defaultdict[str, list[Row]] = defaultdict(list)
    staff: dict[tuple[str, str], facts.Staff] = {}
    for row in found:
        if row.type == STUDENT:
            students[row.user_id].append(row)
        elif row.type != TEST_STUDENT:
            staff.setdefault((row.user_id, row.type), facts.Staff(row.user_id, row.type, name(row.name)))
    return facts.Roster(
        students=tuple(_student(user_id, students[user_id]) for user_id in by_id(students)),
        staff=tuple(staff[key] for key in sorted(staff, key=lambda key: (id_order(key[0]), key[1]))),
    )


def courses_of(found: Iterable[Row]) -> tuple[facts.PersonEnrollment, ...]:
    """The courses in which one person is or was a student, by ascending id."""
    courses: defaultdict[str, list[Row]] = defaultdict(list)
    for row in found:
        if row.type == STUDENT:
            courses[row.course_id].append(row)
    return tuple(_enrollment(course_id, courses[course_id]) for course_id in by_id(courses))


def _student(user_id: str, found: list[Row]) -> facts.Student:
    active, enrolled_at, ended_at = _folded(found)
    sections = {row.section_id for row in found if row.section_id is not None}
    return facts.Student(user_id, active, enrolled_at, ended_at, tuple(by_id(sections)))


def _enrollment(course_id: str, found: list[Row]) -> facts.PersonEnrollment:
    return facts.PersonEnrollment(course_id, *_folded(found))


def _folded(found: list[Row]) -> tuple[bool, datetime | None, datetime | None]:
    """(any section still active, the earliest creation, the latest end unless active)."""
    if len(found) == 1:
        return found[0].active, utc(found[0].created_at), None if found[0].active else utc(found[0].ended_at)
    active = any(row.active for row in found)
    ended_at = None if active else latest(row.ended_at for row in found)
    return active, earliest(row.created_at for row in found), ended_at
