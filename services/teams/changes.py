"""Making, changing and deleting teams by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db import models
from db.queries import teams as queries
from db.transactions import lock
from domain.enums import Role, Source
from domain.names import fold
from domain.problems import InvalidInput, NameTaken, NotAllowed, NotFound, ReadOnly
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef, TeamRef
from domain.teams import class_key
from services import audit, text
from services.access import require_facility, require_role
from services.classes import classes_by_refs
from services.operation import Operation
from services.teams.course_state import LONGEST_DESCRIPTION, LONGEST_NAME
from services.teams.members import put_members
from services.teams.pull import require_class
from services.teams.records import Lists, numbers, record_members
from services.writing import writing

TAKEN = NameTaken("There is already a team with that name.", ["name"])
OF_CANVAS = ReadOnly("This team's name and description are those of its Canvas group. Change them in Canvas.", ["id"])


@dataclass(frozen=True, slots=True)
class TeamFields:
    """What a team is made of. A class of ours has a facility; other teams belong to the one given, or to none."""

    name: str
    description: str | None = None
    school_class: ClassRef | None = None
    facility_id: int | None = None
    user_ids: Sequence[int] = ()


async def create_team(op: Operation, fields: TeamFields) -> TeamRef:
    """A team made by hand. A facility admin's belongs to the own facility.

    Errors: NotAllowed for students; InvalidInput; NameTaken; NotFound for a class, facility or person out of scope;
            NotAStudent.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "make teams")
    name = text.required(fields.name, "name", LONGEST_NAME)
    description = text.optional(fields.description, "description", LONGEST_DESCRIPTION)
    facility = await _facility(op, fields)
    ref = fields.school_class
    async with writing(op, team_live_name=TAKEN):
        row = await models.Team.create(
            name=name,
            sort_key=fold(name),
            description=description,
            source=Source.NATIVE,
            class_key=class_key(ref),
            school_class_id=ref.id if isinstance(ref, NativeClassRef) else None,
            provider_id=ref.provider if isinstance(ref, CanvasClassRef) else None,
            course_id=ref.course_id if isinstance(ref, CanvasClassRef) else None,
            facility_id=facility,
            facility_key=facility or 0,
        )
        await audit.record(op, "createTeam", TeamRef(row.id), facility, None, {"name": name, "class": row.class_key})
        if fields.user_ids:
            await put_members(op, row, fields.user_ids, "createTeam")
    return TeamRef(row.id)


async def update_team(
    op: Operation, ref: TeamRef, name: str | None, description: str | None, *, clear_description: bool = False
) -> TeamRef:
    """Rename a team made by hand, or describe it anew. None: leave as it is.

    Errors: NotAllowed, NotFound, ReadOnly for a Canvas group's, InvalidInput, NameTaken.
    """
    values: dict[str, str | None] = {}
    if name is not None:
        chosen = text.required(name, "name", LONGEST_NAME)
        values |= {"name": chosen, "sort_key": fold(chosen)}
    if description is not None or clear_description:
        values["description"] = text.optional(description, "description", LONGEST_DESCRIPTION)
    async with writing(op, team_live_name=TAKEN):
        row = await changeable(op, ref)
        if row.source is Source.CANVAS:
            raise OF_CANVAS
        told = {name: value for name, value in values.items() if name != "sort_key"}
        before, after = audit.changes({name: getattr(row, name) for name in told}, told)
        if after:
            await row.update_from_dict(values).save(update_fields=list(values))
            await audit.record(op, "updateTeam", ref, row.facility_id, before, after)
    return ref


async def delete_team(op: Operation, ref: TeamRef) -> TeamRef:
    """End a team and the memberships in it; both stay as history.

    Errors: NotAllowed, NotFound, ReadOnly for a group that is still in Canvas.
    """
    async with writing(op):
        row = await changeable(op, ref)
        if row.source is Source.CANVAS and row.gone_at is None:
            raise ReadOnly("This team is a group in Canvas and would come back. Delete it there.", ["id"])
        members = models.TeamMembership.filter(team_id=row.id, until=None)
        people = numbers([person for (person,) in await members.values_list("user_id")])
        await members.update(until=op.now())
        row.deleted_at = op.now()
        await row.save(update_fields=["deleted_at"])
        await record_members(op, "deleteTeam", [Lists(ref, row.facility_id, people, None, row.name)])
    return ref


async def changeable(op: Operation, ref: TeamRef) -> models.Team:
    """The locked row of a team that the viewer may rename and delete: the own facility's, or any.

    Errors: NotAllowed, NotFound.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "change teams")
    found = await queries.teams_by_ids(op.scope, [ref.id])
    row = await lock(models.Team.filter(id=ref.id, deleted_at=None)).first() if found else None
    if row is None:
        raise NotFound("There is no such team.", ["id"])
    if not op.scope.covers_facility(row.facility_id):
        raise NotAllowed("This team belongs to the department. You may change which of your people are in it.", ["id"])
    return row


async def _facility(op: Operation, fields: TeamFields) -> int | None:
    if fields.school_class is not None:
        place = await _class_place(op, fields.school_class)
        if place is not None:
            if fields.facility_id not in (None, place):
                raise InvalidInput("The team of a class belongs to the facility of the class.", ["facilityId"])
            return place
    facility = fields.facility_id
    if facility is None and not op.scope.everywhere:
        facility = op.scope.facility_id
    if facility is not None or not op.scope.everywhere:
        require_facility(op.scope, facility, "facilityId")
    if facility is not None and not await models.Facility.filter(id=facility).exists():
        raise NotFound("There is no such facility.", ["facilityId"])
    return facility


async def _class_place(op: Operation, ref: ClassRef) -> int | None:
    """The facility of a native class; None for a Canvas class."""
    if isinstance(ref, CanvasClassRef):
        await require_class(op, ref)
        return None
    (row,) = await classes_by_refs(op.loaders, [ref])
    if row is None or not op.scope.covers_facility(row.facility_id):
        raise NotFound("There is no such class.", ["classId"])
    return row.facility_id
