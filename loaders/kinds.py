"""The facts of a provider that homeroom knows, and the one way each is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from canvas import analytics, courses, enrollments, people, rosters, users
from canvas.client import Canvas
from canvas.errors import GraphqlUnavailable
from domain import facts
from domain.errors import UpstreamError
from loaders.keys import Fetched, Kind

T = TypeVar("T")

ACCOUNT = "account"
"""The id of facts of which a provider has one."""


async def _courses(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.Courses]:
    found = facts.Courses(tuple(await courses.list_courses(canvas)))
    return dict.fromkeys(ids, found)


async def _people(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.People]:
    found = facts.People(tuple(await users.list_users(canvas)))
    return dict.fromkeys(ids, found)


async def each(ids: Sequence[str], fetch: Callable[[str], Awaitable[T]]) -> dict[str, T | UpstreamError]:
    """One request per id, side by side within the limiter; one that fails fails alone."""
    answers = await asyncio.gather(*(_or_error(fetch(id)) for id in ids))
    return dict(zip(ids, answers, strict=True))


async def _or_error(answer: Awaitable[T]) -> T | UpstreamError:
    try:
        return await answer
    except UpstreamError as error:
        return error


async def _rosters(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.Roster]:
    try:
        return await rosters.list_rosters(canvas, ids)
    except GraphqlUnavailable:
        return await each(ids, lambda id: enrollments.list_roster(canvas, id))


async def _persons(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.PersonEnrollments]:
    try:
        return await people.list_person_enrollments(canvas, ids)
    except GraphqlUnavailable:
        return await each(ids, lambda id: enrollments.show_person_enrollments(canvas, id))


async def _summaries(canvas: Canvas, ids: Sequence[str]) -> Fetched[facts.Summaries]:
    async def of(course_id: str) -> facts.Summaries:
        found = await analytics.list_student_summaries(canvas, course_id)
        return facts.Summaries(found is not None, tuple(found or ()))

    return await each(ids, of)


COURSES = Kind("courses", facts.Courses, 1, _courses)
PEOPLE = Kind("people", facts.People, 1, _people)
ROSTER = Kind("roster", facts.Roster, 50, _rosters)
PERSON = Kind("person", facts.PersonEnrollments, 20, _persons)
SUMMARIES = Kind("summaries", facts.Summaries, 1, _summaries)
