"""Canvas courses as classes, and a Canvas instance as a program."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain import facts, rows
from domain.catalog import Program, SchoolClass
from domain.enums import ClassStatus, ProviderState
from domain.freshness import Freshness, Reading
from domain.refs import CanvasClassRef, CanvasProgramRef, ClassRef
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES, PERSON

PROGRAM_TYPE = "College"


async def read_courses(loaders: Loaders) -> dict[int, Reading[facts.Courses]]:
    """The course list of every provider that is on for the viewer.

    Source: one fact per provider, all providers at once.
    """
    providers = list(await loaders.providers())
    readings = await asyncio.gather(*(loaders.read(COURSES, provider, [ACCOUNT]) for provider in providers))
    return {provider: reading[ACCOUNT] for provider, reading in zip(providers, readings, strict=True)}


async def canvas_classes(loaders: Loaders) -> dict[ClassRef, SchoolClass]:
    """All published courses that exist for the viewer: for a student those they are or were in."""
    providers, readings, now = await loaders.providers(), await read_courses(loaders), loaders.now()
    own = await own_courses(loaders) if loaders.scope.is_student else None
    return {
        row.ref: row
        for number, reading in readings.items()
        for course in (reading.value.courses if reading.value else ())
        if course.published and (own is None or course.id in own.get(number, ()))
        for row in [school_class(providers[number], course, now, reading.freshness)]
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
        time_zone=course.time_zone,
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
    try:
        return instant.astimezone(ZoneInfo(time_zone or "UTC")).date()
    except (ZoneInfoNotFoundError, ValueError):
        return instant.date()
