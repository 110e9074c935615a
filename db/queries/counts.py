"""How many people are in which class: active people in scope only (AC-12, AC-14), none of them twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from db.models import Enrollment
from db.queries import scoping
from db.queries.fetching import batches, one_of
from domain import rows
from domain.enums import ClassStatus, EnrollmentStatus
from domain.scope import Scope

_ENROLLED = Q(status=EnrollmentStatus.ENROLLED)
_COMPLETED = Q(status=EnrollmentStatus.COMPLETED)
_ACTIVE = _ENROLLED & Q(school_class__status=ClassStatus.ACTIVE)
_SEATED = _ACTIVE & Q(school_class__capacity__not_isnull=True)


async def counts_by_class(
    scope: Scope, class_ids: Iterable[int], status: EnrollmentStatus, facility_id: int | None = None
) -> dict[int, int]:
    """People with that status in each class; none: absent. The classes are in scope already."""
    counts: dict[int, int] = {}
    for batch in batches(class_ids):
        found = _people(scope, facility_id).filter(school_class_id__in=one_of(batch), status=status)
        counted = found.annotate(people=Count("user_id", distinct=True)).group_by("school_class_id")
        counts |= dict(await counted.values_list("school_class_id", "people"))
    return counts


async def counts_by_class_and_facility(
    scope: Scope, class_ids: Iterable[int], facility_id: int | None = None
) -> dict[int, dict[int, int]]:
    """ENROLLED people by class and by the facility they are in; people of no facility are in none."""
    counts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    somewhere = _people(scope, facility_id).filter(_ENROLLED, user__facility_id__not_isnull=True)
    for batch in batches(class_ids):
        counted = somewhere.filter(school_class_id__in=one_of(batch)).annotate(people=Count("user_id", distinct=True))
        grouped = counted.group_by("school_class_id", "user__facility_id")
        for class_id, facility, people in await grouped.values_list("school_class_id", "user__facility_id", "people"):
            counts[class_id][facility] = people
    return dict(counts)


async def counts_by_program(
    scope: Scope, program_ids: Iterable[int], facility_id: int | None = None
) -> dict[int, rows.ProgramCounts]:
    """All numbers of each program from one query (AC-13); of none: absent. The programs are in scope already."""
    counts: dict[int, rows.ProgramCounts] = {}
    names = ("school_class__program_id", *rows.ProgramCounts._fields)
    for batch in batches(program_ids):
        found = _people(scope, facility_id).filter(school_class__program_id__in=one_of(batch))
        counted = found.annotate(
            active=Count("id", _filter=_ACTIVE),
            residents=Count("user_id", distinct=True, _filter=_ACTIVE),
            enrolled=Count("id", _filter=_ENROLLED),
            completed=Count("id", _filter=_COMPLETED),
            total=Count("id"),
            seated=Count("id", _filter=_SEATED),
        )
        grouped = await counted.group_by("school_class__program_id").values_list(*names)
        counts |= {program: rows.ProgramCounts(*numbers) for program, *numbers in grouped}
    return counts


def _people(scope: Scope, facility_id: int | None) -> QuerySet[Enrollment]:
    return Enrollment.filter(scoping.residents(scope, facility_id, "user__"), school_class__deleted_at=None)
