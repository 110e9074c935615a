"""Native programs, as far as the viewer may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import Program, ProgramFacility
from db.queries import scoping
from db.queries.fetching import SortKey, batches, by_ids, keys_of, matching
from domain import rows
from domain.filters import ProgramFilter
from domain.scope import Scope


async def programs_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.Program]:
    """In no order; archived ones too."""
    return await by_ids(rows.Program, Program.filter(scoping.programs(scope)), ids)


async def program_keys(scope: Scope, narrowed: ProgramFilter) -> list[SortKey]:
    """Every native program of the list, in its order."""
    wanted = scoping.programs(scope, narrowed.facility_id) & matching(narrowed.search, "sort_key")
    if narrowed.is_active is not None:
        wanted &= Q(is_active=narrowed.is_active)
    if narrowed.archived is not None:
        wanted &= Q(archived_at__isnull=not narrowed.archived)
    return await keys_of(Program.filter(wanted))


async def program_facilities(program_ids: Iterable[int]) -> dict[int, list[int]]:
    """The facilities that offer each program, by name; of none: absent. Callers apply the scope."""
    offers: defaultdict[int, list[int]] = defaultdict(list)
    for batch in batches(program_ids):
        found = ProgramFacility.filter(program_id__in=batch).order_by("facility__sort_key")
        for program_id, facility_id in await found.values_list("program_id", "facility_id"):
            offers[program_id].append(facility_id)
    return dict(offers)
