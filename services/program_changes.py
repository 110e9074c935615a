"""Creating and changing native programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.models import Facility, Program, ProgramFacility
from db.transactions import lock
from domain.enums import Role
from domain.names import fold
from domain.problems import InvalidInput, NameTaken, NotFound, ReadOnly
from domain.refs import CanvasProgramRef, NativeProgramRef, ProgramRef
from services import audit, text
from services.access import require_role
from services.operation import Operation
from services.writing import writing

TAKEN = NameTaken("There is already a program with that name.", ["name"])
READ_ONLY = ReadOnly("This program is managed externally in Canvas. Data is read-only.", ["id"])
FIELDS = ("name", "description", "is_active", "types", "credit_types", "funding_type")


@dataclass(frozen=True, slots=True)
class ProgramFields:
    """What a program says of itself. None: leave as it is."""

    name: str | None = None
    description: str | None = None
    is_active: bool | None = None
    types: Sequence[str] | None = None
    credit_types: Sequence[str] | None = None
    funding_type: str | None = None

    def values(self) -> dict[str, Any]:
        """The columns to write. Errors: InvalidInput naming the field."""
        found: dict[str, Any] = {}
        if self.name is not None:
            name = text.required(self.name, "name")
            found |= {"name": name, "sort_key": fold(name)}
        if self.description is not None:
            found["description"] = text.optional(self.description, "description", 5_000)
        if self.is_active is not None:
            found["is_active"] = self.is_active
        if self.types is not None:
            found["types"] = text.words(self.types, "types")
        if self.credit_types is not None:
            found["credit_types"] = text.words(self.credit_types, "creditTypes")
        if self.funding_type is not None:
            found["funding_type"] = text.optional(self.funding_type, "fundingType")
        return found


async def create_program(op: Operation, fields: ProgramFields, facility_ids: Sequence[int]) -> NativeProgramRef:
    """A new program, offered at those facilities.

    Errors: NotAllowed below department admin; InvalidInput; NameTaken; NotFound for a facility.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "create programs")
    if fields.name is None:
        raise InvalidInput("A program needs a name.", ["name"])
    values = {"is_active": True, **fields.values()}
    async with writing(op, program_live_name=TAKEN):
        row = await Program.create(**values)
        await _offer(row.id, facility_ids)
        after = {name: values[name] for name in FIELDS if name in values} | {"facility_ids": list(facility_ids)}
        await audit.record(op, "createProgram", NativeProgramRef(row.id), None, None, after)
    return NativeProgramRef(row.id)


async def update_program(op: Operation, ref: ProgramRef, fields: ProgramFields) -> NativeProgramRef:
    """Change what is given.

    Errors: NotAllowed below department admin; ReadOnly for Canvas; NotFound; InvalidInput; NameTaken.
    """
    native = require_native(ref)
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "change programs")
    values = fields.values()
    async with writing(op, program_live_name=TAKEN):
        row = await _locked(native)
        before, after = audit.changes(
            {name: getattr(row, name) for name in FIELDS}, {n: values[n] for n in FIELDS if n in values}
        )
        if after:
            await row.update_from_dict(values).save()
            await audit.record(op, "updateProgram", native, None, before, after)
    return native


def require_native(ref: ProgramRef) -> NativeProgramRef:
    """The ref of a program that can be changed here. Errors: ReadOnly."""
    if isinstance(ref, CanvasProgramRef):
        raise READ_ONLY
    return ref


async def _locked(ref: NativeProgramRef) -> Program:
    row = await lock(Program.filter(id=ref.id)).first()
    if row is None:
        raise NotFound("There is no such program.", ["id"])
    return row


async def _offer(program_id: int, facility_ids: Sequence[int]) -> None:
    wanted = list(dict.fromkeys(facility_ids))
    if await Facility.filter(id__in=wanted).count() != len(wanted):
        raise NotFound("There is no such facility.", ["facilityIds"])
    await ProgramFacility.bulk_create([ProgramFacility(program_id=program_id, facility_id=id) for id in wanted])
