"""Native classes, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import SchoolClass
from db.queries import scoping
from db.queries.fetching import SortKey, by_ids, keys_of, matching
from domain import rows
from domain.filters import ClassFilter
from domain.refs import NativeProgramRef
from domain.scope import Scope


async def classes_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.SchoolClass]:
    """In no order."""
    return await by_ids(
        rows.SchoolClass, SchoolClass.filter(scoping.classes(scope)), ids, time_zone="facility__time_zone"
    )


async def class_keys(scope: Scope, narrowed: ClassFilter) -> list[SortKey]:
    """Every native class of the list, in its order."""
    wanted = scoping.classes(scope, narrowed.facility_id) & matching(narrowed.search, "sort_key")
    if narrowed.program is not None:
        wanted &= Q(program_id=narrowed.program.id) if isinstance(narrowed.program, NativeProgramRef) else Q(id__in=[])
    if narrowed.status is not None:
        wanted &= Q(status__in=list(narrowed.status))
    return await keys_of(SchoolClass.filter(wanted))
