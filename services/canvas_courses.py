"""Canvas courses as classes, and a Canvas instance as a program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from domain import facts, rows
from domain.catalog import Program, SchoolClass
from domain.enums import ClassStatus, ProviderState
from domain.freshness import Freshness, Reading
from domain.refs import CanvasClassRef, CanvasProgramRef
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES, PERSON
from services.course_index import CourseIndex, index_of
from services.days import zone_of

PROGRAM_TYPE = "College"


async def read_courses(loaders: Loaders) -> dict[int, Reading[facts.Courses]]:
    """The course list of every provider that is on for the viewer.

    Source: one fact per provider, all providers at once.
    """
    providers = list(await loaders.providers())
    readings = await asyncio.gather(*(loaders.read(COURSES, provider, [ACCOUNT]) for provider in providers))
    return {provider: reading[ACCOUNT] for provider, reading in zip(providers, readings, strict=True)}


@dataclass(frozen=True, slots=True)
class Listed:
    """The published courses of one provider that exist for the viewer."""

    provider: rows.Provider
    courses: CourseIndex
    freshness: Freshness
    own: AbstractSet[str] | None

    def shows(self, course_id: str) -> bool:
        """Whether that course exists for the viewer: for a student those they are or were in."""
        return course_id in self.courses.by_id and (self.own is None or course_id in self.own)

    def school_class(self, course_id: str, now: datetime) -> SchoolClass:
        """One of them as a class."""
        return school_class(self.provider, self.courses.by_id[course_id], now, self.freshness)


async def listed_courses(loaders: Loaders) -> dict[int, Listed]:
    """The courses of every provider whose course list is known."""
    providers, readings = await loaders.providers(), await read_courses(loaders)
    own = await own_courses(loaders) if loaders.scope.is_student else None
    return {
        number: Listed(
            providers[number],
            loaders.facts.derived.of(number, "courses", reading.value, partial(index_of, number)),
            reading.freshness,
            None if own is None else own.get(number, set()),
        )
        for number, reading in readings.items()
        if reading.value is not None
    }


async def in_hand(loaders: Loaders, numbers: Iterable[int]) -> bool:
    """Whether every course of those providers that exists for the viewer is known now; asks nobody."""
    residents = await loaders.residents(None) if loaders.scope.is_student else None
    return all(known(loaders, number, None if residents is None else list(residents[number])) for number in numbers)


def known(loaders: Loaders, number: int, accounts: Sequence[str] | None) -> bool:
    """The same of one provider, and of those accounts of it; None: of all its courses."""
    if accounts is not None and not accounts:
        return True
    people = loaders.facts.peek(PERSON, number, accounts or ()).values()
    listed = loaders.facts.peek(COURSES, number, [ACCOUNT])[ACCOUNT]
    return listed.value is not None and all(reading.value is not None for reading in people)


async def canvas_classes(loaders: Loaders) -> dict[CanvasClassRef, SchoolClass]:
    """All of them as classes, for those who need every one; lists are cut from the index instead."""
    now = loaders.now()
    return {
        ref: listed.school_class(ref.course_id, now)
        for listed in (await listed_courses(loaders)).values()
        for _, ref in listed.courses.items
        if listed.shows(ref.course_id)
    }


async def own_courses(loaders: Loaders) -> dict[int, set[str]]:
    """Provider → the courses in which the viewer's own linked account is or was a student."""
    mine = {number: list(people) for number, people in (await loaders.residents(None)).items() if people}
    found = await asyncio.gather(*(loaders.read(PERSON, number, ids) for number, ids in mine.items()))
    return {
        number: {e.course_id for reading in readings.values() if reading.value for e in reading.value.enrollments}
        for number, readings in zip(mine, found, strict=True)
    }


def school_class(provider: rows.Provider, course: facts.Course, now: datetime, listed: Freshness) -> SchoolClass:
    """A course as a class. Its dates are days in its own zone."""
    return SchoolClass(
        ref=CanvasClassRef(provider.id, course.id),
        name=course.name,
        description=course.description,
        program=CanvasProgramRef(provider.id),
        facility_id=None,
        status=status_of(course, now),
        start_date=_day(course.starts_at, course.time_zone),
        end_date=_day(course.ends_at, course.time_zone),
        time_zone=zone_of(course.time_zone).key if course.time_zone else None,
        capacity=None,
        credit_hours=None,
        instructors=(),
        canvas_url=f"{provider.base_url.rstrip('/')}/courses/{course.id}",
        listed=listed,
    )


def status_of(course: facts.Course, now: datetime) -> ClassStatus:
    """Behaviours §1.4: the workflow or a past end completes it, a future start schedules it."""
    if course.completed or (course.ends_at is not None and course.ends_at <= now):
        return ClassStatus.COMPLETED
    if course.starts_at is not None and course.starts_at > now:
        return ClassStatus.SCHEDULED
    return ClassStatus.ACTIVE


def canvas_program(provider: rows.Provider) -> Program:
    """The one program that a Canvas instance is shown as."""
    return Program(
        ref=CanvasProgramRef(provider.id),
        name=provider.name,
        description=f"Courses pulled live from Canvas connection: {provider.name}",
        is_active=provider.state is ProviderState.ENABLED,
        types=(PROGRAM_TYPE,),
        credit_types=(),
        funding_type=None,
        archived_at=None,
        provider=provider.id,
    )


def _day(instant: datetime | None, time_zone: str | None) -> date | None:
    if instant is None:
        return None
    return instant.astimezone(zone_of(time_zone)).date()
