"""Courses of an account, with their terms."""

from __future__ import annotations

from datetime import datetime

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, id_order, made_of, name, row, text, utc
from domain import facts
from domain.errors import UpstreamMissing, UpstreamUnreadable

_INCLUDE = {"include[]": ["term", "public_description"]}
_PUBLISHED = {"available", "completed"}


class _Term(msgspec.Struct):
    start_at: datetime | None = None
    end_at: datetime | None = None


class _Course(msgspec.Struct):
    id: Id
    name: str | None = None
    original_name: str | None = None
    course_code: str | None = None
    workflow_state: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    time_zone: str | None = None
    public_description: str | None = None
    term: _Term | None = None


async def list_courses(canvas: Canvas) -> list[facts.Course]:
    """All courses of the provider's account and its sub-accounts that are not deleted, by ascending id.

    Source: GET /api/v1/accounts/:id/courses?include[]=term&include[]=public_description
    Shape:  unpublished ones too; 100 a page, read side by side (`Canvas.get_pages`).
    Units:  aware UTC; the course's own dates, else its term's.
    Errors: UpstreamForbidden without the account right to read the course list.
    """
    path = canvas.path("accounts/{}/courses", canvas.account_id)
    found = await canvas.get_pages(path, {**_INCLUDE, "per_page": 100})
    kept = [course for course in found if course.get("workflow_state") != "deleted"]
    return sorted(await made_of(kept, _Course, _course), key=lambda course: id_order(course.id))


async def show_course(canvas: Canvas, course_id: str) -> facts.Course:
    """One course.

    Source: GET /api/v1/courses/:id?include[]=term&include[]=public_description
    Quirk:  `name` may be a nickname of the key's owner; the true one is then `original_name`.
    Errors: UpstreamMissing, also for a deleted one; UpstreamForbidden.
    """
    found = row(await canvas.get(canvas.path("courses/{}", course_id), _INCLUDE), _Course)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "course")
    if found.workflow_state == "deleted":
        raise UpstreamMissing(canvas.provider, "deleted")
    return _course(found)


def _course(course: _Course) -> facts.Course:
    term = course.term or _Term()
    return facts.Course(
        id=str(course.id),
        name=name(course.original_name) or name(course.name) or name(course.course_code) or f"Course {course.id}",
        code=name(course.course_code),
        published=course.workflow_state in _PUBLISHED,
        completed=course.workflow_state == "completed",
        starts_at=utc(course.start_at) or utc(term.start_at),
        ends_at=utc(course.end_at) or utc(term.end_at),
        time_zone=name(course.time_zone),
        description=text(course.public_description),
    )
