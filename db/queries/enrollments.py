"""Native enrolments of people in scope. Lists and counts of a class leave the same people out: the deactivated ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from db.models import Enrollment, EnrollmentChange, SchoolClass
from db.queries import scoping
from db.queries.fetching import batches, by_ids
from domain import rows
from domain.enums import EnrollmentStatus
from domain.scope import Scope


async def enrollments_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.Enrollment]:
    """In no order."""
    visible = scoping.people(scope, prefix="user__") & _visible_classes(scope)
    return await _rows(Enrollment.filter(visible), ids, "id")


async def enrollments_of_classes(
    scope: Scope,
    class_ids: Iterable[int],
    statuses: Collection[EnrollmentStatus] | None = None,
    facility_id: int | None = None,
) -> dict[int, list[rows.Enrollment]]:
    """By class, in the order of their people's names; of none: absent."""
    found = Enrollment.filter(scoping.residents(scope, facility_id, "user__") & _visible_classes(scope))
    if statuses is not None:
        found = found.filter(status__in=list(statuses))
    by_class: defaultdict[int, list[rows.Enrollment]] = defaultdict(list)
    for row in await _rows(found.order_by("user__sort_key", "id"), class_ids, "school_class_id"):
        by_class[row.school_class_id].append(row)
    return dict(by_class)


async def enrollments_of_users(
    scope: Scope, user_ids: Iterable[int], statuses: Collection[EnrollmentStatus] | None = None
) -> list[rows.Enrollment]:
    """In no order."""
    found = Enrollment.filter(scoping.people(scope, prefix="user__") & _visible_classes(scope))
    if statuses is not None:
        found = found.filter(status__in=list(statuses))
    return await _rows(found, user_ids, "user_id")


async def classes_with_enrollments(class_ids: Iterable[int]) -> set[int]:
    """Those of the classes in which anybody is or was enrolled, whoever asks."""
    found: set[int] = set()
    for batch in batches(class_ids):
        taken = Enrollment.filter(school_class_id__in=batch).distinct().values_list("school_class_id")
        found.update(id for (id,) in await taken)
    return found


async def seats_taken(class_ids: Iterable[int]) -> dict[int, int]:
    """How many active people of any facility are ENROLLED in each class, whoever asks; none: absent."""
    taken: dict[int, int] = {}
    for batch in batches(class_ids):
        open_ones = Enrollment.filter(
            school_class_id__in=batch, status=EnrollmentStatus.ENROLLED, user__deactivated_at=None
        )
        counted = open_ones.annotate(seats=Count("id")).group_by("school_class_id")
        taken |= dict(await counted.values_list("school_class_id", "seats"))
    return taken


async def changes_of_enrollments(scope: Scope, enrollment_ids: Iterable[int]) -> list[rows.EnrollmentChange]:
    """Every step of those enrolments, oldest first."""
    visible = scoping.people(scope, prefix="enrollment__user__")
    found = EnrollmentChange.filter(visible).order_by("at", "id")
    return await by_ids(rows.EnrollmentChange, found, enrollment_ids, "enrollment_id")


async def _rows(found: QuerySet[Enrollment], ids: Iterable[int], column: str) -> list[rows.Enrollment]:
    return await by_ids(rows.Enrollment, found, ids, column, sort_key="user__sort_key")


def _visible_classes(scope: Scope) -> Q:
    return Q(school_class_id__in=Subquery(SchoolClass.filter(scoping.classes(scope)).values("id")))
