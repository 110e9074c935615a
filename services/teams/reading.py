"""Group sets, groups and members of many courses, by whichever way this Canvas offers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from canvas.client import Canvas
from canvas.course_groups import list_many_course_groups
from canvas.errors import GraphqlUnavailable
from canvas.groups import list_course_groups
from domain.errors import UpstreamBlocked, UpstreamCredentials, UpstreamError
from domain.facts import CourseGroups

Read = dict[str, CourseGroups | UpstreamError]
OF_ALL = (UpstreamCredentials, UpstreamBlocked)
"""Failures that are the same for every course."""


async def read_groups(canvas: Canvas, course_ids: Sequence[str], *, student_organized: bool = False) -> Read:
    """One answer or error per course.

    Source: Canvas's GraphQL, 20 courses a request; REST where it has none, and for student-organised sets, which
            GraphQL does not show.
    Errors: UpstreamCredentials, UpstreamBlocked.
    """
    if student_organized:
        return await _by_rest(canvas, course_ids, student_organized=True)
    try:
        return await list_many_course_groups(canvas, course_ids)
    except GraphqlUnavailable:
        return await _by_rest(canvas, course_ids, student_organized=False)


async def _by_rest(canvas: Canvas, course_ids: Sequence[str], *, student_organized: bool) -> Read:
    async def read(course_id: str) -> CourseGroups | UpstreamError:
        try:
            return await list_course_groups(canvas, course_id, student_organized=student_organized)
        except OF_ALL:
            raise
        except UpstreamError as error:
            return error

    return dict(zip(course_ids, await asyncio.gather(*map(read, course_ids)), strict=True))
