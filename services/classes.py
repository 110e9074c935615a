"""Classes of both sources in one list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from db.queries import classes
from domain import rows
from domain.catalog import SchoolClass
from domain.enums import Source
from domain.filters import ClassFilter, words
from domain.paging import Key, Page, PageRequest, cut
from domain.refs import CanvasClassRef, CanvasProgramRef, ClassRef, NativeClassRef, NativeProgramRef, key_of
from loaders import Loaders
from loaders.people import in_view
from services.canvas_courses import Listed, in_hand, listed_courses, status_of
from services.rosters import read_rosters

Item = tuple[Key, ClassRef]


async def list_classes(loaders: Loaders, narrowed: ClassFilter, request: PageRequest) -> Page[SchoolClass]:
    """The page of native and Canvas classes, merged and then cut (W-17).

    Source: (sort key, id) of all native classes in scope, then the rows of the page; one course list per provider.
    Shape:  the total is None while the course list of a provider that takes part is not known.
    """
    providers = await _taking_part(loaders, narrowed)
    native, canvas = await asyncio.gather(_native_items(loaders, narrowed), _canvas_items(loaders, narrowed, providers))
    page = cut([*native, *canvas], lambda item: item[0], request)
    found = await classes_by_refs(loaders, [ref for _, ref in page.rows])
    page = page.of_known(complete=await in_hand(loaders, providers))
    return page.map(lambda _: [row for row in found if row is not None])


async def classes_by_refs(loaders: Loaders, refs: Sequence[ClassRef]) -> list[SchoolClass | None]:
    """One answer per ref: the row, or None for what does not exist for the viewer."""
    native = await loaders.native_class_by_id.load_many([ref.id for ref in refs if isinstance(ref, NativeClassRef)])
    facilities = await loaders.facility_by_id.load_many([row.facility_id for row in native if row])
    zones = {row.id: row.time_zone for row in facilities if row}
    by_ref: dict[ClassRef, SchoolClass] = {
        row.ref: native_class(row, zones.get(row.facility_id)) for row in native if row
    }
    by_ref |= await _canvas_classes(loaders, [ref for ref in refs if isinstance(ref, CanvasClassRef)])
    return [by_ref.get(ref) for ref in refs]


async def instructors(loaders: Loaders, found: Sequence[SchoolClass]) -> list[list[str]]:
    """The names of those who teach each class; for Canvas those its roster calls teachers."""
    rosters = await read_rosters(loaders, [row.ref for row in found])
    return [
        list(row.instructors)
        if isinstance(row.ref, NativeClassRef)
        else sorted({s.name for s in reading.value.staff if s.role == "TeacherEnrollment" and s.name})
        if (reading := rosters.get(row.ref)) and reading.value
        else []
        for row in found
    ]


def native_class(row: rows.SchoolClass, time_zone: str | None) -> SchoolClass:
    """A row of ours in the shape of both."""
    return SchoolClass(
        ref=NativeClassRef(row.id),
        name=row.name,
        description=row.description,
        program=NativeProgramRef(row.program_id),
        facility_id=row.facility_id,
        status=row.status,
        start_date=row.start_date,
        end_date=row.end_date,
        time_zone=time_zone,
        capacity=row.capacity,
        credit_hours=row.credit_hours,
        instructors=tuple(row.instructors),
    )


async def _native_items(loaders: Loaders, narrowed: ClassFilter) -> list[Item]:
    if not narrowed.wants(Source.NATIVE):
        return []
    keys = await classes.class_keys(
        loaders.scope,
        program_ids=[narrowed.program.id] if isinstance(narrowed.program, NativeProgramRef) else None,
        facility_id=narrowed.facility_id,
        status=narrowed.status,
        search=narrowed.search,
    )
    return [((sort_key, key_of(ref)), ref) for sort_key, id in keys for ref in [NativeClassRef(id)]]


async def _canvas_classes(loaders: Loaders, refs: Sequence[CanvasClassRef]) -> dict[ClassRef, SchoolClass]:
    if not refs:
        return {}
    listed, now = await listed_courses(loaders), loaders.now()
    return {
        ref: courses.school_class(ref.course_id, now)
        for ref in refs
        if (courses := listed.get(ref.provider)) and courses.shows(ref.course_id)
    }


async def _taking_part(loaders: Loaders, narrowed: ClassFilter) -> list[int]:
    """The providers whose courses the list is also of."""
    if not narrowed.wants(Source.CANVAS):
        return []
    facility, program = narrowed.facility_id, narrowed.program
    return [
        number
        for number, row in (await loaders.providers()).items()
        if program in (None, CanvasProgramRef(number)) and in_view(loaders.scope, row, facility)
    ]


async def _canvas_items(loaders: Loaders, narrowed: ClassFilter, providers: Sequence[int]) -> list[Item]:
    if not providers:
        return []
    listed, now = await listed_courses(loaders), loaders.now()
    return [item for number in providers if number in listed for item in _narrowed(listed[number], narrowed, now)]


def _narrowed(courses: Listed, narrowed: ClassFilter, now: datetime) -> Iterable[tuple[Key, CanvasClassRef]]:
    items: Iterable[tuple[Key, CanvasClassRef]] = courses.courses.items
    if courses.own is not None:
        items = (item for item in items if item[1].course_id in courses.own)
    if wanted := words(narrowed.search):
        items = (item for item in items if all(word in item[0][0] for word in wanted))
    if (status := narrowed.status) is not None:
        by_id = courses.courses.by_id
        items = (item for item in items if status_of(by_id[item[1].course_id], now) in status)
    return items
