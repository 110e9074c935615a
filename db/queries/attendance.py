"""Who was at which session: active people in scope only, as in every other count."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from db.models import AttendanceRecord, ClassEvent
from db.queries import scoping
from db.queries.fetching import batches, by_ids
from domain import events as rows
from domain.enums import AttendanceMark
from domain.refs import NativeEventRef
from domain.scope import Scope

THERE = (AttendanceMark.PRESENT, AttendanceMark.PARTIAL)


class Marks(NamedTuple):
    """How often somebody was there, and how often not without a reason."""

    there: int
    unexcused: int

    @property
    def rate(self) -> float | None:
        """(present + partial) ÷ (those + unexcused); None where nothing was recorded that counts."""
        total = self.there + self.unexcused
        return self.there / total if total else None


async def attendance_of_events(scope: Scope, refs: Collection[NativeEventRef]) -> list[rows.Attendance]:
    """The records of those sessions, by the person's name. The events are in scope already.

    Quirk: read are those from the first to the last of them, not all of a series that has gone on for years.
    """
    if not refs:
        return []
    keys = sorted({ref.occurrence for ref in refs})
    near = AttendanceRecord.filter(_visible(scope), occurrence__gte=keys[0], occurrence__lte=keys[-1])
    found = near.order_by("user__sort_key", "user_id")
    read = await by_ids(rows.Attendance, found, {ref.event for ref in refs}, "event_id")
    wanted = set(refs)
    return [row for row in read if row.event in wanted]


async def attendance_of_classes(scope: Scope, class_ids: Iterable[int]) -> dict[int, list[rows.Attendance]]:
    """Every record of each class; of none: absent."""
    class_of: dict[int, int] = {}
    for batch in batches(class_ids):
        class_of |= dict(await ClassEvent.filter(school_class_id__in=batch).values_list("id", "school_class_id"))
    found: dict[int, list[rows.Attendance]] = {}
    for row in await by_ids(rows.Attendance, AttendanceRecord.filter(_visible(scope)), class_of, "event_id"):
        found.setdefault(class_of[row.event_id], []).append(row)
    return found


async def marks_by_class(scope: Scope, class_ids: Iterable[int], facility_id: int | None = None) -> dict[int, Marks]:
    """Of none: absent. The classes are in scope already."""
    return await _marks(_counted(scope, facility_id), "event__school_class_id", class_ids)


async def marks_by_program(
    scope: Scope, program_ids: Iterable[int], facility_id: int | None = None
) -> dict[int, Marks]:
    """Of none: absent. The programs are in scope already."""
    return await _marks(_counted(scope, facility_id), "event__school_class__program_id", program_ids)


async def marks_by_user(scope: Scope, user_ids: Iterable[int]) -> dict[int, Marks]:
    """Of none: absent."""
    return await _marks(AttendanceRecord.filter(_visible(scope)), "user_id", user_ids)


async def _marks(found: QuerySet[AttendanceRecord], column: str, ids: Iterable[int]) -> dict[int, Marks]:
    marks: dict[int, Marks] = {}
    for batch in batches(ids):
        counted = found.filter(**{f"{column}__in": batch}).annotate(
            there=Count("id", _filter=Q(mark__in=list(THERE))),
            unexcused=Count("id", _filter=Q(mark=AttendanceMark.UNEXCUSED)),
        )
        grouped = await counted.group_by(column).values_list(column, "there", "unexcused")
        marks |= {id: Marks(there, unexcused) for id, there, unexcused in grouped}
    return marks


def _counted(scope: Scope, facility_id: int | None) -> QuerySet[AttendanceRecord]:
    residents = scoping.residents(scope, facility_id, "user__")
    return AttendanceRecord.filter(residents, event__school_class__deleted_at=None)


def _visible(scope: Scope) -> Q:
    return scoping.people(scope, prefix="user__")
