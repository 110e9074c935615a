"""Where native programs are offered, and what keeps them from being archived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from db.queries import classes, programs
from db.queries.facilities import facilities_by_ids
from domain.enums import ClassStatus
from domain.refs import NativeProgramRef, ProgramRef
from domain.rows import Facility
from domain.scope import Scope
from loaders import Loaders

MANAGED_IN_CANVAS = "Managed in Canvas"
OPEN = (ClassStatus.SCHEDULED, ClassStatus.ACTIVE, ClassStatus.PAUSED)


async def facilities_of_programs(loaders: Loaders, ids: Sequence[int]) -> list[list[Facility]]:
    """The facilities in scope where each program is offered, by name."""
    offered = await programs.program_facilities(ids)
    wanted = sorted({facility for found in offered.values() for facility in found if _sees(loaders, facility)})
    rows = {row.id: row for row in await loaders.facility_by_id.load_many(wanted) if row}
    return [sorted((rows[f] for f in offered.get(id, ()) if f in rows), key=lambda row: row.sort_key) for id in ids]


async def archive_blockers(loaders: Loaders, refs: Sequence[ProgramRef]) -> list[list[str]]:
    """Why each program cannot be archived: one sentence per facility with open classes; for Canvas always one."""
    found = await blockers(loaders.scope, [ref.id for ref in refs if isinstance(ref, NativeProgramRef)])
    return [found.get(ref.id, []) if isinstance(ref, NativeProgramRef) else [MANAGED_IN_CANVAS] for ref in refs]


async def blockers(scope: Scope, ids: Sequence[int]) -> dict[int, list[str]]:
    """The same by the number of a native program; none: absent. Usable inside a transaction."""
    sites: defaultdict[int, set[int]] = defaultdict(set)
    for row in await classes.classes_of_programs(scope, ids):
        if row.status in OPEN:
            sites[row.program_id].add(row.facility_id)
    names = {row.id: row.name for row in await facilities_by_ids(set().union(*sites.values()))}
    return {
        program: sorted(f"{names[facility]} still has open classes." for facility in found)
        for program, found in sites.items()
    }


def _sees(loaders: Loaders, facility: int) -> bool:
    return loaders.scope.is_student or loaders.scope.covers_facility(facility)
