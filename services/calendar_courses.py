"""Which Canvas courses a calendar is about: those of the people in it, for the viewer and the facility it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain import facts
from domain.enums import Source
from domain.filters import CalendarFilter
from domain.freshness import Freshness
from domain.refs import CanvasClassRef
from loaders import Loaders
from loaders.kinds import PERSON
from loaders.people import in_view
from services.canvas_courses import listed_courses, read_courses
from services.metrics import is_refused
from services.pacing import paced
from services.rosters import people_in, read_rosters


@dataclass(frozen=True, slots=True)
class Shown:
    """A course whose events are shown. `accounts`: only what these Canvas accounts see of its sections; None: all."""

    ref: CanvasClassRef
    time_zone: str | None
    accounts: frozenset[str] | None


@dataclass(slots=True)
class Courses:
    """Of one provider. `rows` are those asked for; of those in `unsure` it is open whether they belong, and `unknown` why."""

    listed: Freshness
    rows: dict[str, facts.Course] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    unknown: list[Freshness] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    refused: int = 0

    def show(self, provider: int, course_id: str, accounts: frozenset[str] | None) -> None:
        """Show a course, if it is one that was asked for."""
        if course_id in self.rows:
            zone = self.rows[course_id].time_zone
            self.shown[course_id] = Shown(CanvasClassRef(provider, course_id), zone, accounts)


async def shown_courses(loaders: Loaders, narrowed: CalendarFilter) -> dict[int, Courses]:
    """The courses of each provider that takes part.

    Source: the course lists; of one person their enrolments; of a facility the rosters; of everything nothing more.
    Shape:  courses in which somebody of the view is or was a student (W-18); all published ones for who sees everything.
    """
    if not narrowed.wants(Source.CANVAS):
        return {}
    found = await _asked_for(loaders, narrowed)
    person = loaders.scope.user_id if loaders.scope.is_student else narrowed.user_id
    if person is not None:
        return await _of_person(loaders, found, person, narrowed.facility_id)
    if not loaders.scope.everywhere or narrowed.facility_id is not None:
        return await _of_people(loaders, found, narrowed.facility_id)
    for number, courses in found.items():
        for course_id in courses.rows:
            courses.show(number, course_id, None)
    return found


async def _asked_for(loaders: Loaders, narrowed: CalendarFilter) -> dict[int, Courses]:
    lists, known, facility = await read_courses(loaders), await listed_courses(loaders), narrowed.facility_id
    refs = None if narrowed.classes is None else [ref for ref in narrowed.classes if isinstance(ref, CanvasClassRef)]
    providers = await loaders.providers()
    found = {
        number: Courses(reading.freshness)
        for number, reading in lists.items()
        if in_view(loaders.scope, providers[number], facility)
        if refs is None or any(ref.provider == number for ref in refs)
    }
    for number, courses in found.items():
        if number in known:
            listed = known[number]
            wanted = listed.courses.by_id if refs is None else [ref.course_id for ref in refs if ref.provider == number]
            courses.rows = {id: listed.courses.by_id[id] for id in wanted if listed.shows(id)}
    return found


async def _of_person(
    loaders: Loaders, found: dict[int, Courses], person: int, facility: int | None
) -> dict[int, Courses]:
    """Only providers in which that person has an account."""
    accounts = {
        number: frozenset(account for account, link in people.items() if link.user_id == person)
        for number, people in (await loaders.residents(facility)).items()
        if number in found
    }
    own = {number: found[number] for number, of in accounts.items() if of}
    readings = await asyncio.gather(*(loaders.read(PERSON, number, accounts[number]) for number in own))
    for (number, courses), reading in zip(own.items(), readings, strict=True):
        courses.unknown += [one.freshness for one in reading.values() if one.value is None]
        for enrollment in (e for one in reading.values() if one.value for e in one.value.enrollments):
            courses.show(number, enrollment.course_id, accounts[number])
        courses.unsure |= courses.rows.keys() - courses.shown.keys() if courses.unknown else set()
    return own


async def _of_people(loaders: Loaders, found: dict[int, Courses], facility: int | None) -> dict[int, Courses]:
    people = await loaders.residents(facility)
    refs = [CanvasClassRef(n, id) for n, courses in found.items() if people.get(n) for id in courses.rows]
    async for ref, reading in paced((await read_rosters(loaders, refs)).items()):
        courses = found[ref.provider]
        if reading.value is not None:
            accounts = frozenset(link.external_user_id for link, _ in people_in(people[ref.provider], reading.value))
            if accounts:
                courses.show(ref.provider, ref.course_id, accounts)
        elif is_refused(reading):
            courses.refused += 1
        else:
            courses.unknown.append(reading.freshness)
            courses.unsure.add(ref.course_id)
    return found


async def sections_of(loaders: Loaders, shown: Iterable[Shown]) -> dict[CanvasClassRef, frozenset[str]]:
    """The sections of each course in which its accounts are; a course whose roster cannot be read is absent."""
    accounts = {one.ref: one.accounts for one in shown if one.accounts is not None}
    found: dict[CanvasClassRef, frozenset[str]] = {}
    for ref, reading in (await read_rosters(loaders, accounts)).items():
        if reading.value is not None:
            own = (student for student in reading.value.students if student.user_id in accounts[ref])
            found[ref] = frozenset(section for student in own for section in student.section_ids)
    return found
