"""Native classes, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tortoise.expressions import Q
from tortoise.functions import Count, Sum

from db.models import SchoolClass
from db.queries import scoping
from db.queries.fetching import SortKey, batches, by_ids, keys_of, matching
from domain import rows
from domain.enums import ClassStatus
from domain.scope import Scope


async def classes_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.SchoolClass]:
    """In no order."""
    return await by_ids(
        rows.SchoolClass, SchoolClass.filter(scoping.classes(scope)), ids, time_zone="facility__time_zone"
    )


async def class_keys(
    scope: Scope,
    *,
    program_ids: Collection[int] | None = None,
    facility_id: int | None = None,
    status: Collection[ClassStatus] | None = None,
    search: str | None = None,
) -> list[SortKey]:
    """Every native class of the list, in its order."""
    wanted = scoping.classes(scope, facility_id) & matching(search, "sort_key__contains")
    if program_ids is not None:
        wanted &= Q(program_id__in=list(program_ids))
    if status is not None:
        wanted &= Q(status__in=list(status))
    return await keys_of(SchoolClass.filter(wanted))


async def classes_of_programs(
    scope: Scope, program_ids: Iterable[int], facility_id: int | None = None
) -> list[rows.SchoolClass]:
    """In no order."""
    visible = SchoolClass.filter(scoping.classes(scope, facility_id))
    return await by_ids(rows.SchoolClass, visible, program_ids, "program_id", time_zone="facility__time_zone")


async def totals_by_program(
    scope: Scope, program_ids: Iterable[int], facility_id: int | None = None
) -> dict[int, rows.ClassTotals]:
    """How many classes each program has in scope; none: absent."""
    active = Q(status=ClassStatus.ACTIVE)
    totals: dict[int, rows.ClassTotals] = {}
    for batch in batches(program_ids):
        found = SchoolClass.filter(scoping.classes(scope, facility_id), program_id__in=batch).annotate(
            classes=Count("id"), active=Count("id", _filter=active), seats=Sum("capacity", _filter=active)
        )
        counted = await found.group_by("program_id").values_list("program_id", "classes", "active", "seats")
        totals |= {program_id: rows.ClassTotals(*numbers) for program_id, *numbers in counted}
    return totals
