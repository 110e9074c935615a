"""Creating and changing facilities."""

from __future__ import annotations

from typing import TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.models import Facility
from db.transactions import lock
from domain.enums import Role
from domain.names import fold
from domain.problems import InvalidInput, NameTaken, NotFound
from domain.refs import FacilityRef
from services import audit, text
from services.access import require_role
from services.operation import Operation
from services.writing import writing

TAKEN = NameTaken("There is already a facility with that name.", ["name"])


class FacilityFields(TypedDict, total=False):
    """What a facility says of itself; `time_zone` is an IANA name. What is left out stays as it is."""

    name: str
    time_zone: str


def _zone(value: str | None, path: str) -> str:
    name = text.required(value, path, 64)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("This is no IANA time zone, such as America/Chicago.", [path]) from error


RULES: dict[str, text.Rule] = {"name": text.name, "time_zone": _zone}


async def create_facility(op: Operation, fields: FacilityFields) -> FacilityRef:
    """A new facility. Errors: NotAllowed below system admin; InvalidInput; NameTaken."""
    require_role(op.scope, Role.SYSTEM_ADMIN, "create facilities")
    values = text.checked({"name": "", "time_zone": "", **fields}, RULES)
    async with writing(op, facility_name=TAKEN):
        row = await Facility.create(**values, sort_key=fold(values["name"]))
        await audit.record(op, "createFacility", FacilityRef(row.id), row.id, None, values)
    return FacilityRef(row.id)


async def update_facility(op: Operation, ref: FacilityRef, fields: FacilityFields) -> FacilityRef:
    """Change what is given. Errors: NotAllowed below system admin; NotFound; InvalidInput; NameTaken."""
    require_role(op.scope, Role.SYSTEM_ADMIN, "change facilities")
    values = text.checked(fields, RULES)
    async with writing(op, facility_name=TAKEN):
        row = await lock(Facility.filter(id=ref.id)).first()
        if row is None:
            raise NotFound("There is no such facility.", ["id"])
        before, after = audit.changes({name: getattr(row, name) for name in RULES}, values)
        if after:
            row.update_from_dict(values)
            row.sort_key = fold(row.name)
            await row.save()
            await audit.record(op, "updateFacility", ref, row.id, before, after)
    return ref
