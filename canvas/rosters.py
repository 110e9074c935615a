"""Rosters of many courses at once through Canvas's GraphQL (canvas-api §10.5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from canvas import folding
from canvas.batches import Batches
from canvas.client import Canvas
from canvas.enrollment_nodes import enrollment_rows
from canvas.graphql import MOST_PAGES, Answered
from domain import facts
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing, UpstreamUnreadable

COURSES_A_REQUEST = 50
PAGES_A_REQUEST = 20

_CONNECTION = """
fragment Rows on EnrollmentConnection {
  nodes { userId type state createdAt endAt courseSectionId user { name } }
  pageInfo { hasNextPage endCursor }
}
"""

ROSTERS = (
    """
query Rosters($ids: [ID!]!) {
  courses(ids: $ids) {
    _id
    students: enrollmentsConnection(
      first: 100
      filter: { types: [StudentEnrollment], states: [active, completed] }
    ) { ...Rows }
    staff: enrollmentsConnection(
      first: 100
      filter: {
        types: [TeacherEnrollment, TaEnrollment, DesignerEnrollment, ObserverEnrollment]
        states: [active, completed]
      }
    ) { ...Rows }
  }
}
"""
    + _CONNECTION
)

_TYPES = {"students": [folding.STUDENT], "staff": folding.STAFF_TYPES}


@dataclass(frozen=True, slots=True)
class _More:
    """A connection that has further rows after `cursor`."""

    course_id: str
    part: str
    cursor: str


async def list_rosters(canvas: Canvas, course_ids: Iterable[str]) -> dict[str, facts.Roster | UpstreamError]:
    """The rosters of many courses, one answer or error per course.

    Source: POST /api/graphql `courses(ids:)`, at most 50 courses a request; connections of more than 100 rows go on
            by aliases, at most 20 a request
    Shape:  Canvas leaves a course out that is gone or unreadable: UpstreamMissing; a roster it may not show is null:
            UpstreamForbidden.
    Quirk:  without `states` Canvas would give every row that is not deleted; batches are halved as `Batches` says.
    Errors: GraphqlUnavailable: use `enrollments.list_roster`. UpstreamCredentials, UpstreamBlocked, CircuitOpen.
    """

    async def fetch(batch: list[str]) -> dict[str, facts.Roster | UpstreamError]:
        return await _fetch(canvas, batch)

    return await Batches(fetch, course_ids, COURSES_A_REQUEST).run()


async def _fetch(canvas: Canvas, course_ids: list[str]) -> dict[str, facts.Roster | UpstreamError]:
    answer = await canvas.query(ROSTERS, {"ids": course_ids})
    courses = answer.data.get("courses")
    if not isinstance(courses, list):
        raise UpstreamUnreadable(canvas.provider, "courses")
    gathered = _Gathered(canvas.provider, course_ids)
    for index, course in enumerate(courses):
        if isinstance(course, dict):
            for part in _TYPES:
                broke = answer.broke("courses", index, part)
                gathered.add(str(course.get("_id")), part, course.get(part), broke=broke)
    while more := gathered.take(PAGES_A_REQUEST):
        await _fetch_pages(canvas, gathered, more)
    return await gathered.rosters()


async def _fetch_pages(canvas: Canvas, gathered: _Gathered, more: Sequence[_More]) -> None:
    variables: dict[str, Any] = {}
    for index, one in enumerate(more):
        filter_ = {"types": _TYPES[one.part], "states": folding.STATES}
        variables |= {f"i{index}": one.course_id, f"a{index}": one.cursor, f"f{index}": filter_}
    try:
        answer = await canvas.query(roster_pages(len(more)), variables)
    except UpstreamError as error:
        gathered.fail((one.course_id for one in more), error)
        return
    _add_pages(gathered, more, answer)


def _add_pages(gathered: _Gathered, more: Sequence[_More], answer: Answered) -> None:
    for index, one in enumerate(more):
        course = answer.data.get(f"p{index}")
        connection = course.get("enrollmentsConnection") if isinstance(course, dict) else None
        gathered.add(one.course_id, one.part, connection, broke=answer.broke(f"p{index}"), after=one.cursor)


def roster_pages(number: int) -> str:
    """The document for that many further pages, each of its own course and filter; at most 20 aliases."""
    declared = ", ".join(f"$i{n}: ID!, $a{n}: String!, $f{n}: EnrollmentFilterInput!" for n in range(number))
    pages = "\n".join(
        f"  p{n}: course(id: $i{n}) {{ enrollmentsConnection(first: 100, after: $a{n}, filter: $f{n}) {{ ...Rows }} }}"
        for n in range(number)
    )
    return f"query RosterPages({declared}) {{\n{pages}\n}}\n{_CONNECTION}"


class _Gathered:
    """Rows by course while pages come in, and the courses that failed."""

    def __init__(self, provider: int, course_ids: Iterable[str]) -> None:
        self._provider = provider
        self._rows: dict[str, list[folding.Row]] = {course_id: [] for course_id in course_ids}
        self._more: list[_More] = []
        self._errors: dict[str, UpstreamError] = {
            course_id: UpstreamMissing(provider, "left out") for course_id in self._rows
        }
        self._seen: set[str] = set()
        self._pages: Counter[str] = Counter()

    def add(self, course_id: str, part: str, connection: Any, *, broke: bool, after: str = "") -> None:
        """Take in one page of one connection. Null is no right to see it; one that broke anywhere inside is not whole."""
        if course_id not in self._rows:
            return
        if course_id not in self._seen:
            self._seen.add(course_id)
            del self._errors[course_id]
        if broke:
            self.fail([course_id], UpstreamError(self._provider, "GraphQL errors"))
            return
        if not isinstance(connection, dict):
            self.fail([course_id], UpstreamForbidden(self._provider, "roster"))
            return
        self._rows[course_id] += enrollment_rows(connection.get("nodes"), course_id=course_id)
        page = connection.get("pageInfo")
        cursor = page.get("endCursor") if isinstance(page, dict) and page.get("hasNextPage") else None
        self._pages[course_id] += 1
        if cursor and (cursor == after or self._pages[course_id] > MOST_PAGES):
            self.fail([course_id], UpstreamUnreadable(self._provider, "cursors in a circle"))
        elif cursor:
            self._more.append(_More(course_id, part, str(cursor)))

    def fail(self, course_ids: Iterable[str], error: UpstreamError) -> None:
        for course_id in course_ids:
            self._errors.setdefault(course_id, error)

    def take(self, number: int) -> list[_More]:
        """The next connections to go on with; those of failed courses are dropped."""
        waiting = [one for one in self._more if one.course_id not in self._errors]
        self._more = waiting[number:]
        return waiting[:number]

    async def rosters(self) -> dict[str, facts.Roster | UpstreamError]:
        """Fold what is there; others get a turn between two courses."""
        folded: dict[str, facts.Roster | UpstreamError] = {}
        for course_id in self._rows:
            folded[course_id] = self._errors.get(course_id) or folding.roster(self._rows[course_id])
            await asyncio.sleep(0)
        return folded
