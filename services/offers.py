"""Which facilities offer a native program: the rows behind it. For use inside a transaction that holds the program."""

from __future__ import annotations

from collections.abc import Iterable

from db.models import Facility, ProgramFacility
from domain.problems import NotFound


async def offer(program_id: int, facility_ids: Iterable[int]) -> list[int]:
    """Offer a program there too; the facilities where that is new. Errors: NotFound for a facility."""
    wanted = list(dict.fromkeys(facility_ids))
    if await Facility.filter(id__in=wanted).count() != len(wanted):
        raise NotFound("There is no such facility.", ["facilityIds"])
    already = await offered(program_id)
    new = [id for id in wanted if id not in already]
    await ProgramFacility.bulk_create([ProgramFacility(program_id=program_id, facility_id=id) for id in new])
    return new


async def offered(program_id: int) -> set[int]:
    """The facilities that offer a program."""
    return {id for (id,) in await ProgramFacility.filter(program_id=program_id).values_list("facility_id")}
