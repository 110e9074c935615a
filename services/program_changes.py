"""Creating and changing native programs, and putting them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from db.models import Program
from db.transactions import lock
from domain.catalog import CANVAS_READ_ONLY
from domain.enums import Role
from domain.names import fold
from domain.problems import Conflict, NameTaken, NotFound, ReadOnly
from domain.refs import CanvasProgramRef, NativeProgramRef, ProgramRef
from services import audit, text
from services.access import require_role
from services.offers import offer
from services.operation import Operation
from services.program_facilities import blockers
from services.writing import writing

TAKEN = NameTaken("There is already a program with that name.", ["name"])


class ProgramFields(TypedDict, total=False):
    """What a program says of itself. What is left out stays as it is."""

    name: str
    description: str | None
    is_active: bool
    types: Sequence[str]
    credit_types: Sequence[str]
    funding_type: str | None


RULES: dict[str, text.Rule] = {
    "name": text.name,
    "description": text.LONG_TEXT,
    "is_active": text.given,
    "types": text.words,
    "credit_types": text.words,
    "funding_type": text.optional,
}


async def create_program(op: Operation, fields: ProgramFields, facility_ids: Sequence[int]) -> NativeProgramRef:
    """A new program, offered at those facilities.

    Errors: NotAllowed below department admin; InvalidInput; NameTaken; NotFound for a facility.
    """
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "create programs")
    values = text.checked({"name": "", "is_active": True, **fields}, RULES)
    async with writing(op, program_live_name=TAKEN):
        row = await Program.create(**values, sort_key=fold(values["name"]))
        offered = await offer(row.id, facility_ids)
        await audit.record(
            op, "createProgram", NativeProgramRef(row.id), None, None, values | {"facility_ids": offered}
        )
    return NativeProgramRef(row.id)


async def update_program(op: Operation, ref: ProgramRef, fields: ProgramFields) -> NativeProgramRef:
    """Change what is given.

    Errors: NotAllowed below department admin; ReadOnly for Canvas; NotFound; InvalidInput; NameTaken; Conflict for an
            archived one.
    """
    native = require_native(ref)
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "change programs")
    values = text.checked(fields, RULES)
    async with writing(op, program_live_name=TAKEN):
        row = await locked_live(native)
        before, after = audit.changes({name: getattr(row, name) for name in RULES}, values)
        if after:
            row.update_from_dict(values)
            row.sort_key = fold(row.name)
            await row.save()
            await audit.record(op, "updateProgram", native, None, before, after)
    return native


async def archive_program(op: Operation, ref: ProgramRef) -> NativeProgramRef:
    """Put a program away: it leaves the lists, and its name is free again. Archived already: nothing happens.

    Errors: NotAllowed below department admin; ReadOnly for Canvas; NotFound; Conflict while it has open classes.
    """
    native = require_native(ref)
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "archive programs")
    async with writing(op):
        row = await locked(native)
        if row.archived_at is not None:
            return native
        reasons = (await blockers(op.scope, [row.id])).get(row.id)
        if reasons:
            raise Conflict(" ".join(["This program cannot be archived.", *reasons]), ["id"])
        row.archived_at = op.now()
        await row.save(update_fields=["archived_at"])
        await audit.record(op, "archiveProgram", native, None, {"archived_at": None}, {"archived_at": str(op.now())})
    return native


async def restore_program(op: Operation, ref: ProgramRef) -> NativeProgramRef:
    """Bring an archived program back. Not archived: nothing happens.

    Errors: NotAllowed below department admin; ReadOnly for Canvas; NotFound; NameTaken by a newer program.
    """
    native = require_native(ref)
    require_role(op.scope, Role.DEPARTMENT_ADMIN, "restore programs")
    async with writing(op, program_live_name=NameTaken("A newer program has that name: rename it first.", ["id"])):
        row = await locked(native)
        if row.archived_at is None:
            return native
        before = {"archived_at": str(row.archived_at)}
        row.archived_at = None
        await row.save(update_fields=["archived_at"])
        await audit.record(op, "restoreProgram", native, None, before, {"archived_at": None})
    return native


def require_native(ref: ProgramRef, path: str = "id") -> NativeProgramRef:
    """The ref of a program that can be changed here. Errors: ReadOnly."""
    if isinstance(ref, CanvasProgramRef):
        raise ReadOnly(CANVAS_READ_ONLY, [path])
    return ref


async def locked(ref: NativeProgramRef, path: str = "id") -> Program:
    """The program's row, to change it. Errors: NotFound."""
    row = await lock(Program.filter(id=ref.id)).first()
    if row is None:
        raise NotFound("There is no such program.", [path])
    return row


async def locked_live(ref: NativeProgramRef, path: str = "id") -> Program:
    """The same of one that is not archived. Errors: NotFound; Conflict."""
    row = await locked(ref, path)
    if row.archived_at is not None:
        raise Conflict("This program is archived: restore it first.", [path])
    return row
