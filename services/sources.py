"""What each provider contributed to a list, and how current it is (behaviours D-05, D-09b)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from domain.catalog import Program, SchoolClass, SourceStatus
from domain.enums import Source, SourceState
from domain.filters import ClassFilter, ProgramFilter
from domain.freshness import FRESH, Freshness, worst
from domain.refs import CanvasClassRef, CanvasProgramRef
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES, PEOPLE, PERSON, ROSTER
from loaders.people import in_view
from services.canvas_courses import read_courses

_TURNS = 5
"""Turns of the event loop after which the sibling fields of a list have named what they need."""


async def classes_status(loaders: Loaders, narrowed: ClassFilter) -> list[SourceStatus]:
    """The providers that took part in a list of classes; `expected` courses, `loaded` those whose roster came too."""
    if not narrowed.wants(Source.CANVAS):
        return []
    program = narrowed.program
    return await _of_courses(
        loaders, narrowed.facility_id, program.provider if isinstance(program, CanvasProgramRef) else None
    )


async def programs_status(loaders: Loaders, narrowed: ProgramFilter) -> list[SourceStatus]:
    """The same of a list of programs."""
    return await _of_courses(loaders, narrowed.facility_id) if narrowed.wants(Source.CANVAS) else []


async def _of_courses(loaders: Loaders, facility: int | None, only: int | None = None) -> list[SourceStatus]:
    await settle(loaders)
    providers = await loaders.providers()
    shown = [n for n, row in providers.items() if only in (None, n) and in_view(loaders.scope, row, facility)]
    if not loaders.scope.is_student:
        return [_courses_status(loaders, number) for number in shown]
    residents = await loaders.residents(None)
    return [_student_status(loaders, number, list(residents[number])) for number in shown]


def _student_status(loaders: Loaders, provider: int, accounts: Sequence[str]) -> SourceStatus:
    """A student's own courses, as far as their accounts and the course list are known."""
    listed = loaders.facts.peek(COURSES, provider, [ACCOUNT])[ACCOUNT]
    read = [*loaders.facts.peek(PERSON, provider, accounts).values()]
    state = worst([listed.freshness, *(reading.freshness for reading in read)])
    if listed.value is None or any(reading.value is None for reading in read):
        return SourceStatus(provider, state, None, 0)
    published = {course.id for course in listed.value.courses if course.published}
    own = {enrollment.course_id for reading in read if reading.value for enrollment in reading.value.enrollments}
    return SourceStatus(provider, state, len(published & own), len(published & own))


async def roster_status(loaders: Loaders, ref: CanvasClassRef) -> list[SourceStatus]:
    """The provider of one class: 1 roster expected."""
    await settle(loaders)
    if ref.provider not in await loaders.providers():
        return []
    reading = loaders.facts.peek(ROSTER, ref.provider, [ref.course_id])[ref.course_id]
    return [SourceStatus(ref.provider, reading.freshness, 1, int(reading.value is not None))]


async def person_status(loaders: Loaders, user_id: int) -> list[SourceStatus]:
    """The providers in which a person has an account: as many accounts expected, and read."""
    await settle(loaders)
    statuses = []
    for number, people in (await loaders.residents(None)).items():
        accounts = [account for account, link in people.items() if link.user_id == user_id]
        if accounts:
            read = [*loaders.facts.peek(PERSON, number, accounts).values()]
            listed = loaders.facts.peek(COURSES, number, [ACCOUNT])[ACCOUNT]
            state = worst([listed.freshness, *(reading.freshness for reading in read)])
            loaded = sum(reading.value is not None for reading in read) if listed.value else 0
            statuses.append(SourceStatus(number, state, len(accounts), loaded))
    return statuses


async def people_status(loaders: Loaders, provider: int) -> list[SourceStatus]:
    """A provider's part in the list of its students: as many courses expected, and rosters read."""
    await settle(loaders)
    if provider not in await loaders.providers():
        return []
    status = _courses_status(loaders, provider)
    people = loaders.facts.peek(PEOPLE, provider, [ACCOUNT])[ACCOUNT]
    return [replace(status, freshness=worst([status.freshness, people.freshness]))]


async def program_freshness(loaders: Loaders, found: Sequence[Program]) -> list[Freshness]:
    """How current each program is: its provider's course list; FAILED where nothing of it could be read."""
    canvas = {row.provider for row in found if row.provider is not None}
    if canvas:
        await read_courses(loaders)
        await settle(loaders)
    states = {number: _courses_status(loaders, number).freshness for number in canvas}
    return [FRESH if row.provider is None else states[row.provider] for row in found]


async def settle(loaders: Loaders) -> None:
    """Let the other fields of the operation ask first, and wait for what they asked for."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    await loaders.pending.wait()


def _courses_status(loaders: Loaders, provider: int) -> SourceStatus:
    listed = loaders.facts.peek(COURSES, provider, [ACCOUNT])[ACCOUNT]
    if listed.value is None:
        return SourceStatus(provider, listed.freshness, None, 0)
    courses = {course.id for course in listed.value.courses if course.published}
    asked = courses & loaders.wanted.get((provider, ROSTER.name), set())
    missing = [r for r in loaders.facts.peek(ROSTER, provider, asked).values() if r.value is None]
    loading = next((r.freshness for r in missing if r.freshness.state is SourceState.LOADING), None)
    return SourceStatus(provider, loading or listed.freshness, len(courses), len(courses) - len(missing))


async def class_freshness(loaders: Loaders, found: Sequence[SchoolClass]) -> list[Freshness]:
    """How current each class is: its course list and, where this operation asked for it, its roster."""
    await settle(loaders)
    return [_of_class(loaders, row) for row in found]


def _of_class(loaders: Loaders, row: SchoolClass) -> Freshness:
    if not isinstance(row.ref, CanvasClassRef):
        return FRESH
    if row.ref.course_id not in loaders.wanted.get((row.ref.provider, ROSTER.name), ()):
        return row.listed
    roster = loaders.facts.peek(ROSTER, row.ref.provider, [row.ref.course_id])[row.ref.course_id]
    return worst([row.listed, roster.freshness])
