"""Who is in a class: the one definition of every count and every roster row (AC-03, AC-11)."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from db.queries import counts, enrollments
from domain import facts, rows
from domain.catalog import Enrollment, FacilityCount
from domain.enums import EnrollmentStatus
from domain.filters import RosterFilter
from domain.freshness import Reading
from domain.refs import CanvasClassRef, CanvasEnrollmentRef, ClassRef, NativeClassRef, NativeEnrollmentRef
from domain.rows import LiveLink
from loaders import Loaders
from loaders.kinds import ROSTER
from services.pacing import paced

T = TypeVar("T")
Rosters = dict[CanvasClassRef, Reading[facts.Roster]]


async def read_rosters(loaders: Loaders, refs: Iterable[ClassRef]) -> Rosters:
    """One reading per Canvas class; none for native ones or where the provider is off.

    Source: one fact per course, 50 courses a request, all providers at once.
    """
    courses: defaultdict[int, list[str]] = defaultdict(list)
    for ref in refs:
        if isinstance(ref, CanvasClassRef):
            courses[ref.provider].append(ref.course_id)
    found = await asyncio.gather(*(loaders.read(ROSTER, provider, ids) for provider, ids in courses.items()))
    return {
        CanvasClassRef(provider, course): reading
        for provider, readings in zip(courses, found, strict=True)
        for course, reading in readings.items()
    }


async def enrolled_counts(loaders: Loaders, refs: Sequence[ClassRef], view: int | None) -> list[int | None]:
    """Distinct people in scope with an active enrolment, per class; None for students and where it is not known."""
    return await _counts(loaders, refs, view, EnrollmentStatus.ENROLLED)


async def completed_counts(loaders: Loaders, refs: Sequence[ClassRef], view: int | None) -> list[int | None]:
    """Distinct people in scope with a concluded and no active enrolment, per class."""
    return await _counts(loaders, refs, view, EnrollmentStatus.COMPLETED)


async def _counts(
    loaders: Loaders, refs: Sequence[ClassRef], view: int | None, status: EnrollmentStatus
) -> list[int | None]:
    if loaders.scope.is_student:
        return [None] * len(refs)
    native = await counts.counts_by_class(loaders.scope, native_ids(refs), status, view)
    canvas = await _per_class(loaders, refs, view, lambda links, roster: len(_with_status(links, roster, status)))
    return [native.get(ref.id, 0) if isinstance(ref, NativeClassRef) else canvas.get(ref) for ref in refs]


async def counts_by_facility(
    loaders: Loaders, refs: Sequence[ClassRef], view: int | None
) -> list[list[FacilityCount] | None]:
    """The same people as `enrolled_counts`, by the facility they are in; people of no facility are in none."""
    if loaders.scope.is_student:
        return [None] * len(refs)
    native = await counts.counts_by_class_and_facility(loaders.scope, native_ids(refs), view)
    canvas = await _per_class(loaders, refs, view, _by_facility)
    return [
        [FacilityCount(*pair) for pair in sorted(native.get(ref.id, {}).items())]
        if isinstance(ref, NativeClassRef)
        else canvas.get(ref)
        for ref in refs
    ]


async def _per_class(
    loaders: Loaders,
    refs: Sequence[ClassRef],
    view: int | None,
    of: Callable[[dict[str, LiveLink], facts.Roster], T],
) -> dict[ClassRef, T]:
    people, readings = await asyncio.gather(loaders.residents(view), read_rosters(loaders, refs))
    return {
        ref: of(people[ref.provider], reading.value)
        async for ref, reading in paced(readings.items())
        if reading.value is not None
    }


def people_in(links: dict[str, LiveLink], roster: facts.Roster) -> list[tuple[LiveLink, facts.Student]]:
    """Those of a roster who are linked and in scope, each once."""
    return [(links[student.user_id], student) for student in roster.students if student.user_id in links]


def status_of(student: facts.Student | facts.PersonEnrollment) -> EnrollmentStatus:
    """ENROLLED with any active enrolment in the course, else COMPLETED."""
    return EnrollmentStatus.ENROLLED if student.active else EnrollmentStatus.COMPLETED


def _with_status(links: dict[str, LiveLink], roster: facts.Roster, status: EnrollmentStatus) -> list[LiveLink]:
    return [link for link, student in people_in(links, roster) if status_of(student) is status]


def _by_facility(links: dict[str, LiveLink], roster: facts.Roster) -> list[FacilityCount]:
    enrolled = _with_status(links, roster, EnrollmentStatus.ENROLLED)
    counts = Counter(link.facility_id for link in enrolled if link.facility_id is not None)
    return [FacilityCount(facility, count) for facility, count in sorted(counts.items())]


async def roster(
    loaders: Loaders, refs: Sequence[ClassRef], view: int | None, narrowed: RosterFilter
) -> list[list[Enrollment] | None]:
    """The enrolments of each class that are in scope; None where Canvas could not be read.

    Shape: as many rows as `enrolled_counts` says, under the same filter and for every role (AC-03).
    """
    native = await enrollments.enrollments_of_classes(loaders.scope, native_ids(refs), narrowed.status, view)
    canvas = await _per_class(loaders, refs, view, people_in)
    return [
        [native_enrollment(row) for row in native.get(ref.id, [])]
        if isinstance(ref, NativeClassRef)
        else _canvas_roster(ref, canvas.get(ref), narrowed)
        for ref in refs
    ]


def _canvas_roster(
    ref: CanvasClassRef, people: list[tuple[LiveLink, facts.Student]] | None, narrowed: RosterFilter
) -> list[Enrollment] | None:
    if people is None:
        return None
    found = [canvas_enrollment(ref, link, student) for link, student in people]
    return [row for row in found if narrowed.status is None or row.status in narrowed.status]


def canvas_enrollment(
    ref: CanvasClassRef, link: LiveLink, student: facts.Student | facts.PersonEnrollment
) -> Enrollment:
    """A person's student enrolments in one course as one row."""
    return Enrollment(
        ref=CanvasEnrollmentRef(ref.provider, ref.course_id, link.external_user_id),
        user_id=link.user_id,
        school_class=ref,
        status=status_of(student),
        enrolled_at=student.enrolled_at,
        ended_at=student.ended_at,
    )


def native_ids(refs: Iterable[ClassRef]) -> list[int]:
    """The numbers of the native ones."""
    return [ref.id for ref in refs if isinstance(ref, NativeClassRef)]


def native_enrollment(row: rows.Enrollment) -> Enrollment:
    """A row of ours in the shape of both."""
    return Enrollment(
        ref=NativeEnrollmentRef(row.id),
        user_id=row.user_id,
        school_class=NativeClassRef(row.school_class_id),
        status=row.status,
        enrolled_at=row.enrolled_at,
        ended_at=row.ended_at,
    )
