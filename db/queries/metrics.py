"""The counts of native programs as behaviours §1.4 defines them: active people in scope, none of them twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count, Sum

from db.models import Enrollment, SchoolClass
from db.queries import scoping
from db.queries.fetching import batches
from domain.catalog import Metrics
from domain.enums import ClassStatus, EnrollmentStatus
from domain.scope import Scope

_ENROLLED = Q(status=EnrollmentStatus.ENROLLED)
_COMPLETED = Q(status=EnrollmentStatus.COMPLETED)
_ACTIVE = _ENROLLED & Q(school_class__status=ClassStatus.ACTIVE)
_NOBODY = (0, 0, 0, 0, 0)
_NOTHING = (0, 0, None)


async def metrics_by_program(
    scope: Scope, program_ids: Iterable[int], facility_id: int | None = None
) -> dict[int, Metrics]:
    """One per program; the programs are in scope already.

    Shape: total is what is ENROLLED or COMPLETED, whether or not the class ended, all from one query (AC-13).
    """
    found: dict[int, Metrics] = {}
    for batch in batches(program_ids):
        classes = await _classes(scope, batch, facility_id)
        people = await _people(scope, batch, facility_id)
        found |= {program: _metrics(classes.get(program, _NOTHING), people.get(program, _NOBODY)) for program in batch}
    return found


def _metrics(classes: tuple[int, int, int | None], people: tuple[int, int, int, int, int]) -> Metrics:
    class_count, active_class_count, capacity = classes
    active, residents, total, completed, seated = people
    return Metrics(
        class_count=class_count,
        active_class_count=active_class_count,
        active_enrollments=active,
        total_enrollments=total,
        residents=residents,
        completed=completed,
        capacity=capacity,
        filled_seats=None if capacity is None else seated,
    )


async def _classes(scope: Scope, ids: list[int], facility_id: int | None) -> dict[int, tuple[Any, ...]]:
    """(classes, active ones, their seats or None where none of them is limited) by program."""
    active = Q(status=ClassStatus.ACTIVE)
    found = SchoolClass.filter(scoping.classes(scope, facility_id), program_id__in=ids).annotate(
        classes=Count("id"), active=Count("id", _filter=active), seats=Sum("capacity", _filter=active)
    )
    grouped = await found.group_by("program_id").values_list("program_id", "classes", "active", "seats")
    return {program: tuple(numbers) for program, *numbers in grouped}


async def _people(scope: Scope, ids: list[int], facility_id: int | None) -> dict[int, tuple[Any, ...]]:
    """(active, residents, total, completed, in a class with a limit) by program."""
    found = Enrollment.filter(
        scoping.residents(scope, facility_id, "user__"),
        school_class__program_id__in=ids,
        school_class__deleted_at=None,
    ).annotate(
        active=Count("id", _filter=_ACTIVE),
        residents=Count("user_id", distinct=True, _filter=_ACTIVE),
        total=Count("id", _filter=_ENROLLED | _COMPLETED),
        completed=Count("id", _filter=_COMPLETED),
        seated=Count("id", _filter=_ACTIVE & Q(school_class__capacity__not_isnull=True)),
    )
    names = ("school_class__program_id", "active", "residents", "total", "completed", "seated")
    grouped = await found.group_by("school_class__program_id").values_list(*names)
    return {program: tuple(numbers) for program, *numbers in grouped}
