"""Canvas groups for teams made by hand: the teams become those groups' teams, and their members wait for a push."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from tortoise.exceptions import IntegrityError

from canvas.client import Canvas
from canvas.groups import create_group, create_group_set
from db import models
from db.queries import teams as queries
from db.transactions import atomic, lock, violated
from domain.enums import Role, Source, SyncKind
from domain.errors import UpstreamError, UpstreamRejected
from domain.facts import CourseGroups, GroupSet
from domain.problems import Conflict, InvalidInput, NameTaken, NotFound
from domain.refs import CanvasClassRef, SyncRunRef, TeamRef
from domain.teams import class_key
from services import audit, text
from services.access import require_role
from services.course_leases import take
from services.operation import Operation
from services.run import Run
from services.runs import Asked, start
from services.teams.course_now import client, groups_now, told
from services.teams.pull import require_class

ACTION = "publishTeams"
LEAST_LIMIT = 2
PLACED = "Somebody in it is in another team of this group set. Take them out of one of the two first."


async def publish_teams(
    op: Operation, ref: CanvasClassRef, team_ids: Sequence[int] | None, group_set: str, most: int | None
) -> SyncRunRef:
    """Ask for a group set of that name with an empty group for each team; all teams made by hand where none is named.

    Errors: NotAllowed, NotFound, InvalidInput where there is nothing to publish or a limit below 2.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "push memberships")
    name = text.required(group_set, "canvasGroupSet")
    if most is not None and most < LEAST_LIMIT:
        raise InvalidInput("Canvas limits groups to 2 members or more.", ["maxMembers"])
    await require_class(op, ref)
    found = [team for team in await queries.teams_of_classes(op.scope, [class_key(ref)]) if not team.canvas_group_id]
    own = [team for team in found if op.scope.covers_facility(team.facility_id)]
    if team_ids is not None:
        if not set(team_ids) <= {team.id for team in own}:
            raise NotFound("There is no such team made by hand in this class.", ["teamIds"])
        own = [team for team in own if team.id in team_ids]
    if not own:
        raise InvalidInput("There is no team made by hand in this class.", ["classId"])
    parameters = {"teams": [team.id for team in own], "group_set": name, "most": most}
    alone = f"publish:{ref.provider}:{ref.course_id}"
    return await start(op, Asked(SyncKind.PUBLISH_TEAMS, None, ref, parameters, alone=alone), ACTION)


async def publish(run: Run) -> None:
    """The handler. A set and groups that an attempt left behind are found by their names and used."""
    ref = cast("CanvasClassRef", run.school_class)
    if ref.course_id not in await take(run, ref.provider, [ref.course_id]):
        raise Conflict("Another run works on this class. Try again when it has ended.")
    canvas = await client(run.op.engine, ref.provider)
    ids = cast("list[int]", run.parameters["teams"])
    await run.step("reading_groups")
    there = await groups_now(canvas, ref)
    rows = await models.Team.filter(id__in=ids, canvas_group_id=None, deleted_at=None).order_by("id")
    await run.step("creating_groups", len(rows))
    if not rows:
        return
    group_set = await _set(canvas, ref, there, str(run.parameters["group_set"]))
    free = await _free_groups(ref, group_set)
    placed = await _placed(ref, group_set, rows)
    for row in rows:
        problem = PLACED if row.id in placed else await _one(run, canvas, row, group_set, free)
        if problem is not None:
            run.issue("NOT_PUBLISHED", problem, team_id=row.id)
            run.count(skipped=1)
        await run.advance()


async def _one(run: Run, canvas: Canvas, row: models.Team, group_set: GroupSet, free: dict[str, str]) -> str | None:
    """Make the team's group, or use one that was left behind; why not, in a sentence."""
    most = cast("int | None", run.parameters["most"])
    try:
        group_id = free.pop(row.name, None)
        if group_id is None:
            group_id = (await create_group(canvas, group_set.id, row.name, row.description, most)).id
        await _become(run, cast("CanvasClassRef", run.school_class), row.id, group_set, group_id)
    except UpstreamError as error:
        return told(error).message
    except IntegrityError as error:
        if violated(error, "team_membership_one"):  # Somebody was put into another team of the set meanwhile.
            return PLACED
        raise
    return None


async def _set(canvas: Canvas, ref: CanvasClassRef, there: CourseGroups, name: str) -> GroupSet:
    """The set of that name, made where there is none."""
    found = next((one for one in there.sets if one.name == name), None)
    if found is not None:
        return found
    try:
        return await create_group_set(canvas, ref.course_id, name)
    except UpstreamRejected as error:
        if "name" in error.fields:
            text = f"Canvas does not take “{name}” as the name of a group set."
            raise NameTaken(text, ["canvasGroupSet"]) from error
        raise


async def _placed(ref: CanvasClassRef, group_set: GroupSet, rows: Sequence[models.Team]) -> set[int]:
    """The teams with somebody who is in another team of the set: nobody is in two."""
    of_set = models.TeamMembership.filter(class_key=class_key(ref), set_key=group_set.id, until=None)
    there = {person for (person,) in await of_set.values_list("user_id")}
    return {row.team_id for row in await queries.live_memberships([row.id for row in rows]) if row.user_id in there}


async def _free_groups(ref: CanvasClassRef, group_set: GroupSet) -> dict[str, str]:
    """Name → id of empty groups of the set that are nobody's."""
    ids = [group.id for group in group_set.groups]
    known = models.Team.filter(provider_id=ref.provider, canvas_group_id__in=ids, deleted_at=None)
    taken = {id for (id,) in await known.values_list("canvas_group_id")}
    return {g.name: g.id for g in group_set.groups if g.id not in taken and g.name and not g.members}


async def _become(run: Run, ref: CanvasClassRef, team_id: int, group_set: GroupSet, group_id: str) -> None:
    async with atomic():
        row = await lock(models.Team.filter(id=team_id)).get()
        before = {"source": row.source, "canvas_group_id": None}
        row.source, row.provider_id, row.course_id = Source.CANVAS, ref.provider, ref.course_id
        row.canvas_group_id, row.canvas_set_id, row.canvas_set_name = group_id, group_set.id, group_set.name
        row.set_key, row.seen, row.last_synced_at = group_set.id, {}, run.op.now()
        await row.save()
        await models.TeamMembership.filter(team_id=team_id, until=None).update(set_key=group_set.id)
        after = {"source": Source.CANVAS, "canvas_group_id": group_id}
        await audit.record(run.op, ACTION, TeamRef(team_id), row.facility_id, before, after)
        run.count(created=1)
        await run.save()
