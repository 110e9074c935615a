"""Where native programs are offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from db.models import Facility, ProgramFacility, SchoolClass
from domain.enums import Role
from domain.problems import Conflict
from domain.refs import NativeProgramRef, ProgramRef
from services import audit
from services.access import require_role
from services.offers import offer, offered
from services.operation import Operation
from services.program_changes import locked_live, require_native
from services.program_facilities import OPEN
from services.writing import writing


async def set_program_facilities(op: Operation, ref: ProgramRef, facility_ids: Sequence[int]) -> NativeProgramRef:
    """Offer a program exactly there.

    Errors: NotAllowed below department admin; ReadOnly for Canvas; NotFound, also for a facility; Conflict for an
            archived program and where a facility to be left has open classes of it.
    """
    native = require_native(ref)
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "decide where programs are offered")
    async with writing(op):
        row = await locked_live(native)
        before = await offered(row.id)
        left = before - set(facility_ids)
        await _require_closed(row.id, left)
        await ProgramFacility.filter(program_id=row.id, facility_id__in=list(left)).delete()
        if await offer(row.id, facility_ids) or left:
            after = {"facility_ids": sorted(set(facility_ids))}
            await audit.record(op, "setProgramFacilities", native, None, {"facility_ids": sorted(before)}, after)
    return native


async def _require_closed(program_id: int, facility_ids: Collection[int]) -> None:
    running = SchoolClass.filter(program_id=program_id, deleted_at=None, status__in=OPEN)
    busy = await running.filter(facility_id__in=list(facility_ids)).values_list("facility_id", flat=True)
    names = await Facility.filter(id__in=busy).order_by("sort_key").values_list("name", flat=True)
    if names:
        raise Conflict(" ".join(f"{name} still has open classes." for name in names), ["facilityIds"])
