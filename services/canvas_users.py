"""The students of a Canvas instance, linked or not, as the linking screen needs them (D-10, AC-09)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from db.queries import links
from domain import facts, rows
from domain.filters import holds_words
from domain.freshness import Reading
from domain.names import fold
from domain.paging import Page, PageRequest, cut
from domain.refs import CanvasClassRef
from loaders import Loaders
from loaders.kinds import ACCOUNT, COURSES, PEOPLE
from services.pacing import paced
from services.rosters import read_rosters

STUDENT_ROLE = "StudentEnrollment"


@dataclass(frozen=True, slots=True)
class CanvasUserFilter:
    """`linked`: only those with, or without, a live link."""

    linked: bool | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class CanvasUser:
    """A student of a Canvas instance with all roles they have there. `link` only where it is in scope."""

    person: facts.Person
    roles: tuple[str, ...]
    link: rows.Link | None


@dataclass(frozen=True, slots=True)
class Students:
    """All students of a provider; `complete` where every roster could be read."""

    people: tuple[tuple[facts.Person, tuple[str, ...]], ...]
    complete: bool


async def students(loaders: Loaders, provider: int) -> Students | None:
    """Everybody with an active or concluded student enrolment in any course that is not deleted (D-10).

    Source: the people of the account and the rosters of all its courses.
    Shape:  by ascending Canvas id; None where the people or the courses could not be read.
    """
    found, listed = await asyncio.gather(
        loaders.read(PEOPLE, provider, [ACCOUNT]), loaders.read(COURSES, provider, [ACCOUNT])
    )
    if not found or not listed:
        return None
    people, courses = found[ACCOUNT].value, listed[ACCOUNT].value
    if people is None or courses is None:
        return None
    rosters = await read_rosters(loaders, [CanvasClassRef(provider, course.id) for course in courses.courses])
    roles = await _roles([reading.value for reading in rosters.values() if reading.value])
    complete = all(_is_known(reading) for reading in rosters.values())
    holders = [person async for person in paced(people.people) if STUDENT_ROLE in roles.get(person.id, ())]
    return Students(tuple([(person, tuple(sorted(roles[person.id]))) async for person in paced(holders)]), complete)


async def roles_of(loaders: Loaders, provider: int, account: str) -> tuple[tuple[str, ...], bool]:
    """Every role that a Canvas account holds in the rosters that can be read now, and whether those are all."""
    listed = await loaders.read(COURSES, provider, [ACCOUNT])
    courses = listed[ACCOUNT].value if listed else None
    if courses is None:
        return (), False
    rosters = await read_rosters(loaders, [CanvasClassRef(provider, course.id) for course in courses.courses])
    roles = await _roles([reading.value for reading in rosters.values() if reading.value])
    return tuple(sorted(roles.get(account, ()))), all(_is_known(reading) for reading in rosters.values())


async def list_canvas_users(
    loaders: Loaders, provider: int, narrowed: CanvasUserFilter, request: PageRequest
) -> Page[CanvasUser]:
    """One page of students, by name; the total is None while not every roster is in hand. Linked to somebody out of scope: shown as linked, without saying to whom."""
    found = await students(loaders, provider)
    if found is None:
        return Page([], [], has_next=False, has_previous=False, total=None)
    taken = await links.linked_accounts(provider)
    wanted = [item for item in found.people if _is_wanted(item[0], taken, narrowed)]
    page = cut(wanted, lambda item: (fold(item[0].name or ""), item[0].id), request)
    ids = [person.id for person, _ in page.rows]
    own = {row.external_user_id: row for row in await links.links_of_accounts(loaders.scope, provider, ids)}
    shown = page.map(lambda rows: [CanvasUser(person, roles, own.get(person.id)) for person, roles in rows])
    return shown.of_known(complete=found.complete)


async def unlinked_counts(loaders: Loaders, providers: Sequence[int]) -> list[int | None]:
    """Students in Canvas without a link, per provider; department scope only, None where not every roster is known."""
    if not loaders.scope.everywhere:
        return [None] * len(providers)
    return list(await asyncio.gather(*(_unlinked_count(loaders, number) for number in providers)))


async def _unlinked_count(loaders: Loaders, provider: int) -> int | None:
    found = await students(loaders, provider)
    if found is None or not found.complete:
        return None
    taken = await links.linked_accounts(provider)
    return sum(person.id not in taken for person, _ in found.people)


async def _roles(rosters: Sequence[facts.Roster]) -> dict[str, set[str]]:
    roles: defaultdict[str, set[str]] = defaultdict(set)
    async for student in paced(chain.from_iterable(roster.students for roster in rosters)):
        roles[student.user_id].add(STUDENT_ROLE)
    for member in chain.from_iterable(roster.staff for roster in rosters):
        roles[member.user_id].add(member.role)
    return roles


def _is_known(reading: Reading[facts.Roster]) -> bool:
    return reading.value is not None or reading.freshness.error_code in ("PERMISSION_MISSING", "NOT_FOUND")


def _is_wanted(person: facts.Person, taken: set[str], narrowed: CanvasUserFilter) -> bool:
    if narrowed.linked is not None and (person.id in taken) is not narrowed.linked:
        return False
    return holds_words(narrowed.search, " ".join(filter(None, (person.name, person.login_id, person.sis_user_id))))
