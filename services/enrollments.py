"""A person's classes from both sources, with the Canvas side of all their linked accounts (P-40)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from db.queries import enrollments
from domain.catalog import Enrollment, SchoolClass
from domain.names import fold
from domain.paging import Page, PageRequest, cut
from domain.refs import CanvasClassRef, CanvasEnrollmentRef, ClassRef, EnrollmentRef, NativeEnrollmentRef, key_of
from domain.rows import EnrollmentChange, LiveLink
from loaders import Loaders
from loaders.kinds import PERSON
from services.canvas_courses import known
from services.classes import classes_by_refs
from services.rosters import canvas_enrollment, native_enrollment


async def enrollments_of(loaders: Loaders, user_ids: Sequence[int], request: PageRequest) -> list[Page[Enrollment]]:
    """One page per person, sorted by the name of the class: merged from both sources, then cut.

    Source: one query for all persons; one Canvas request per 20 linked accounts of a provider.
    Shape:  the total is None while what Canvas knows of one of the person's accounts is not known here.
    """
    native, canvas = await asyncio.gather(
        enrollments.enrollments_of_users(loaders.scope, user_ids), _canvas_enrollments(loaders, user_ids)
    )
    of_user = {user: canvas.get(user, []) for user in user_ids}
    for row in native:
        of_user[row.user_id].append(native_enrollment(row))
    classes = await _classes(loaders, (row.school_class for rows in of_user.values() for row in rows))

    def shown(user: int) -> list[tuple[tuple[str, str], Enrollment]]:
        rows = ((classes.get(row.school_class), row) for row in of_user[user])
        return [((fold(school_class.name), key_of(row.ref)), row) for school_class, row in rows if school_class]

    accounts = await _accounts(loaders, user_ids)
    pages = [
        cut(shown(user), lambda item: item[0], request).of_known(
            complete=all(known(loaders, number, found) for number, found in accounts[user].items())
        )
        for user in user_ids
    ]
    return [page.map(lambda items: [row for _, row in items]) for page in pages]


async def enrollments_by_refs(loaders: Loaders, refs: Sequence[EnrollmentRef]) -> list[Enrollment | None]:
    """One answer per ref: the row, or None for what does not exist for the viewer."""
    native_ids = [ref.id for ref in refs if isinstance(ref, NativeEnrollmentRef)]
    native = await enrollments.enrollments_by_ids(loaders.scope, native_ids)
    found: dict[EnrollmentRef, Enrollment] = {row.ref: native_enrollment(row) for row in native}
    people = {
        link.user_id
        for number, links in (await loaders.residents(None)).items()
        for ref in refs
        if isinstance(ref, CanvasEnrollmentRef) and ref.provider == number and (link := links.get(ref.canvas_user_id))
    }
    canvas = await _canvas_enrollments(loaders, list(people)) if people else {}
    found |= {row.ref: row for rows in canvas.values() for row in rows}
    classes = await _classes(loaders, (row.school_class for row in found.values()))
    return [row if (row := found.get(ref)) and row.school_class in classes else None for ref in refs]


async def changes_of(loaders: Loaders, refs: Sequence[EnrollmentRef]) -> list[list[EnrollmentChange]]:
    """The steps of each enrolment, oldest first; none of those in Canvas, which keeps its own history."""
    native = [ref.id for ref in refs if isinstance(ref, NativeEnrollmentRef)]
    by_enrollment: defaultdict[int, list[EnrollmentChange]] = defaultdict(list)
    for row in await enrollments.changes_of_enrollments(loaders.scope, native):
        by_enrollment[row.enrollment_id].append(row)
    return [by_enrollment[ref.id] if isinstance(ref, NativeEnrollmentRef) else [] for ref in refs]


async def _accounts(loaders: Loaders, user_ids: Iterable[int]) -> dict[int, dict[int, list[str]]]:
    """Of each person the linked accounts, by provider."""
    of_user: dict[int, dict[int, list[str]]] = {user: {} for user in user_ids}
    for number, links in (await loaders.residents(None)).items():
        for link in links.values():
            if link.user_id in of_user:
                of_user[link.user_id].setdefault(number, []).append(link.external_user_id)
    return of_user


async def _canvas_enrollments(loaders: Loaders, user_ids: Sequence[int]) -> dict[int, list[Enrollment]]:
    wanted = set(user_ids)
    residents = await loaders.residents(None)
    links = {n: [link for link in found.values() if link.user_id in wanted] for n, found in residents.items()}
    found = await asyncio.gather(*(_of_provider(loaders, number, of) for number, of in links.items() if of))
    by_user: defaultdict[int, list[Enrollment]] = defaultdict(list)
    for row in (row for rows in found for row in rows):
        by_user[row.user_id].append(row)
    return by_user


async def _of_provider(loaders: Loaders, provider: int, links: Sequence[LiveLink]) -> list[Enrollment]:
    readings = await loaders.read(PERSON, provider, [link.external_user_id for link in links])
    return [
        canvas_enrollment(CanvasClassRef(provider, enrollment.course_id), link, enrollment)
        for link in links
        if (reading := readings.get(link.external_user_id)) and reading.value
        for enrollment in reading.value.enrollments
    ]


async def _classes(loaders: Loaders, refs: Iterable[ClassRef]) -> dict[ClassRef, SchoolClass]:
    distinct = list(dict.fromkeys(refs))
    return {row.ref: row for row in await classes_by_refs(loaders, distinct) if row}
