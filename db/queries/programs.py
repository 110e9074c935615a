"""Native programs, as far as the viewer may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import Program, ProgramFacility
from db.queries import scoping
from db.queries.fetching import SortKey, batches, by_ids, keys_of, matching
from domain import rows
from domain.scope import Scope


async def programs_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.Program]:
    """In no order; archived ones too."""
    return await by_ids(rows.Program, Program.filter(scoping.programs(scope)), ids)


async def program_keys(
    scope: Scope,
    *,
    facility_id: int | None = None,
    search: str | None = None,
    is_active: bool | None = None,
    archived: bool | None = False,
) -> list[SortKey]:
    """Every native program of the list, in its order."""
    wanted = scoping.programs(scope, facility_id) & matching(search, "sort_key__contains")
    if is_active is not None:
        wanted &= Q(is_active=is_active)
    if archived is not None:
        wanted &= Q(archived_at__isnull=not archived)
    return await keys_of(Program.filter(wanted))


async def program_facilities(program_ids: Iterable[int]) -> dict[int, list[int]]:
    """The facilities that offer each program, by name; of none: absent. Callers apply the scope."""
    offers: defaultdict[int, list[int]] = defaultdict(list)
    for batch in batches(program_ids):
        found = ProgramFacility.filter(program_id__in=batch).order_by("facility__sort_key")
        for program_id, facility_id in await found.values_list("program_id", "facility_id"):
            offers[program_id].append(facility_id)
    return dict(offers)
