"""Enrolments over REST: one course or one person at a time, for a Canvas whose GraphQL cannot be used."""

from __future__ import annotations

from datetime import datetime

import msgspec

from canvas import folding
from canvas.client import Canvas
from canvas.payloads import Id, rows
from canvas.sender import Params
from canvas.users import show_user
from domain import facts
from domain.errors import UpstreamMissing


class _User(msgspec.Struct):
    name: str | None = None


class _Enrollment(msgspec.Struct):
    user_id: Id
    course_id: Id
    type: str
    enrollment_state: str | None = None
    course_section_id: Id | None = None
    created_at: datetime | None = None
    end_at: datetime | None = None
    user: _User | None = None


async def list_roster(canvas: Canvas, course_id: str) -> facts.Roster:
    """Everybody in one course, students folded over their sections.

    Source: GET /api/v1/courses/:id/enrollments, active and completed, all types but the test student
    Shape:  bookmark pages of 100 rows, one after the other.
    Errors: UpstreamForbidden without the right to see the roster; UpstreamMissing.
    """
    path = canvas.path("courses/{}/enrollments", course_id)
    return folding.roster(await _list(canvas, path, [folding.STUDENT, *folding.STAFF_TYPES]))


async def show_person_enrollments(canvas: Canvas, user_id: str) -> facts.PersonEnrollments:
    """One person's student enrolments in all courses.

    Source: GET /api/v1/users/:id/enrollments, and users/:id for the name where there is no row
    Shape:  `name` is None where the account was deleted or merged, or never was.
    Errors: UpstreamForbidden without rights over the person.
    """
    try:
        found = await _list(canvas, canvas.path("users/{}/enrollments", user_id), [folding.STUDENT])
        name = found[0].name if found else await _name(canvas, user_id)
    except UpstreamMissing:
        return facts.PersonEnrollments(None, ())
    return facts.PersonEnrollments(name, folding.courses_of(found))


async def _name(canvas: Canvas, user_id: str) -> str | None:
    person = await show_user(canvas, user_id)
    return person.name if isinstance(person, facts.Person) else None


async def _list(canvas: Canvas, path: str, types: list[str]) -> list[folding.Row]:
    params: Params = {"type[]": types, "state[]": folding.STATES, "per_page": 100}
    found = rows(await canvas.get_all(path, params), _Enrollment)
    return [_row(row) for row in found if row.enrollment_state in folding.STATES]


def _row(row: _Enrollment) -> folding.Row:
    return folding.Row(
        user_id=str(row.user_id),
        course_id=str(row.course_id),
        section_id=None if row.course_section_id is None else str(row.course_section_id),
        type=row.type,
        active=row.enrollment_state == "active",
        created_at=row.created_at,
        ended_at=row.end_at,
        name=row.user.name if row.user else None,
    )
