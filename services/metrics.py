"""The counts of programs, worked out when read from rosters, links and our own rows (behaviours §1.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.queries import classes, counts
from domain import facts
from domain.catalog import Metrics
from domain.enums import ClassStatus
from domain.errors import REFUSALS
from domain.freshness import Reading
from domain.refs import CanvasClassRef, CanvasProgramRef, NativeProgramRef, ProgramRef
from domain.rows import ClassTotals, LiveLink, ProgramCounts
from loaders import Loaders
from services.attendance import program_rates
from services.canvas_courses import Listed, listed_courses, status_of
from services.pacing import paced
from services.rosters import Rosters, people_in, read_rosters

UNKNOWN = Metrics()
NO_CLASSES = ClassTotals(0, 0, None)
NOBODY = ProgramCounts(0, 0, 0, 0, 0)


async def program_metrics(loaders: Loaders, refs: Sequence[ProgramRef], view: int | None) -> list[Metrics | None]:
    """The counts of each program in the viewer's scope, of one facility where a view is given.

    Shape: None for students; a Metrics whose counts are None where Canvas could not be read (never a 0 for that).
    """
    if loaders.scope.is_student:
        return [None] * len(refs)
    native_ids = [ref.id for ref in refs if isinstance(ref, NativeProgramRef)]
    native, canvas = await asyncio.gather(
        _native_metrics(loaders, native_ids, view), _canvas_metrics(loaders, refs, view)
    )
    return [native[ref.id] if isinstance(ref, NativeProgramRef) else canvas.get(ref, UNKNOWN) for ref in refs]


async def _native_metrics(loaders: Loaders, ids: Sequence[int], view: int | None) -> dict[int, Metrics]:
    totals, people, rates = await asyncio.gather(
        classes.totals_by_program(loaders.scope, ids, view),
        counts.counts_by_program(loaders.scope, ids, view),
        program_rates(loaders, ids, view),
    )
    return {id: _native(totals.get(id, NO_CLASSES), people.get(id, NOBODY), rates[id]) for id in ids}


def _native(totals: ClassTotals, people: ProgramCounts, attendance_rate: float | None) -> Metrics:
    return Metrics(
        class_count=totals.classes,
        active_class_count=totals.active,
        active_enrollments=people.active,
        total_enrollments=people.total,
        residents=people.residents,
        enrolled=people.enrolled,
        completed=people.completed,
        capacity=totals.capacity,
        filled_seats=people.seated if totals.capacity is not None else None,
        attendance_rate=attendance_rate,
    )


async def _canvas_metrics(
    loaders: Loaders, refs: Sequence[ProgramRef], view: int | None
) -> dict[CanvasProgramRef, Metrics]:
    wanted = {ref for ref in refs if isinstance(ref, CanvasProgramRef)}
    if not wanted:
        return {}
    listed, now = await listed_courses(loaders), loaders.now()
    courses = {ref: _with_status(listed[ref.provider], now) for ref in wanted if ref.provider in listed}
    every = [ref for found in courses.values() for ref, _ in found]
    rosters, people = await asyncio.gather(read_rosters(loaders, every), loaders.residents(view))
    return {ref: await _of_classes(found, rosters, people.get(ref.provider, {})) for ref, found in courses.items()}


def _with_status(listed: Listed, now: datetime) -> list[tuple[CanvasClassRef, ClassStatus]]:
    number = listed.provider.id
    return [(CanvasClassRef(number, id), status_of(course, now)) for id, course in listed.courses.by_id.items()]


@dataclass(slots=True)
class _Sums:
    """Enrolments and people counted so far."""

    active: int = 0
    total: int = 0
    completed: int = 0
    residents: set[int] = field(default_factory=set)

    def add(self, people: Sequence[tuple[LiveLink, facts.Student]], *, running: bool) -> None:
        for link, student in people:
            self.total += 1
            if not student.active:
                self.completed += 1
            elif running:
                self.active += 1
                self.residents.add(link.user_id)


async def _of_classes(
    found: Sequence[tuple[CanvasClassRef, ClassStatus]], rosters: Rosters, links: dict[str, LiveLink]
) -> Metrics:
    running = sum(status is ClassStatus.ACTIVE for _, status in found)
    sums = _Sums()
    async for ref, status in paced(found):
        reading = rosters.get(ref)
        if reading is None or is_refused(reading):
            continue
        if reading.value is None:
            return Metrics(len(found), running)
        sums.add(people_in(links, reading.value), running=status is ClassStatus.ACTIVE)
    return Metrics(
        len(found), running, sums.active, sums.total, len(sums.residents), sums.total - sums.completed, sums.completed
    )


def is_refused(reading: Reading[facts.Roster]) -> bool:
    """Whether Canvas refuses that course for good, so that sums leave it out (behaviours D-09b)."""
    return reading.value is None and reading.freshness.error_code in REFUSALS
