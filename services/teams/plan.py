"""Working out, keeping and finding plans. Planning changes nobody's memberships, here or there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import msgspec

from db import models
from db.queries import teams as queries
from db.queries.fetching import batches
from domain import teams
from domain.enums import Role
from domain.problems import InvalidInput, NotFound
from domain.refs import CanvasClassRef, ClassRef, PushPlanRef, TeamRef
from domain.teams import PushPlan, TeamChange
from loaders import Loaders
from services import audit
from services.access import require_role
from services.operation import Operation
from services.teams.brake import Removals, brake
from services.teams.compare import Rules, Target, plan_changes
from services.teams.course_now import client, groups_now, members_of, rules_now
from services.teams.course_state import linked_people
from services.teams.own import accounts_within, people_within
from services.teams.pull import require_class
from services.writing import writing

LIFE = timedelta(minutes=30)


async def plan_memberships(op: Operation, of: ClassRef | Sequence[TeamRef]) -> PushPlanRef:
    """What a push would do, for all Canvas teams of a class or for some of them.

    Source: the groups as they are in Canvas now; where anybody is to be placed also the roster and the sets' limits.
    Errors: NotAllowed, NotFound, InvalidInput for teams without a Canvas group or of several classes,
            UpstreamUnavailable, UpstreamRefused.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "push memberships")
    ref, chosen = await _subject(op, of)
    await require_class(op, ref)
    canvas = await client(op.engine, ref.provider)
    organized = any("/" in team.set_key for team in chosen)
    there = members_of(await groups_now(canvas, ref, student_organized=organized))
    targets = await targets_of(ref, there)
    people = await linked_people(ref.provider)
    within = await people_within(op.scope)
    wanted = {team.id for team in chosen if team.canvas_group_id in there}
    nobody_barred = _Everybody()
    draft = plan_changes(targets, wanted, people, Rules(nobody_barred), within)
    placed = {change.set_id for change in draft if change.adds or change.moves}
    rules = await rules_now(canvas, ref, placed) if placed else Rules(nobody_barred)
    rules = replace(rules, inactive=await _inactive(targets))
    changes = plan_changes(targets, wanted, people, rules, within)
    own = accounts_within(op.scope, people, within)
    return await keep(op, ref, changes, {team.id: team.name for team in chosen}, own)


async def _inactive(targets: Sequence[Target]) -> set[int]:
    """The people of these teams who are deactivated."""
    found: set[int] = set()
    for batch in batches(person for target in targets for person in target.here):
        gone = models.User.filter(id__in=batch, deactivated_at__isnull=False)
        found |= {id for (id,) in await gone.values_list("id")}
    return found


class _Everybody(dict[str, Collection[str]]):
    """Sections of a first draft, in which everybody counts as enrolled."""

    def __contains__(self, _: object) -> bool:
        return True


async def keep(
    op: Operation,
    ref: CanvasClassRef,
    changes: Sequence[TeamChange],
    names: dict[int, str],
    own: Callable[[str], bool],
    undo_of: int | None = None,
) -> PushPlanRef:
    """Store a plan for half an hour, with what trips the brake.

    Shape: the brake counts the accounts of the planner's `own` people: what is told of others is nothing.
    """
    rows = (Removals(names[change.team_id], sum(map(own, change.there)), len(change.removes)) for change in changes)
    async with writing(op):
        row = await models.PushPlan.create(
            provider_id=ref.provider,
            course_id=ref.course_id,
            requested_by_id=op.scope.user_id,
            facility_id=op.scope.facility_id,
            undo_of_id=undo_of,
            changes=msgspec.to_builtins(list(changes)),
            brake=brake(rows),
            created_at=op.now(),
            expires_at=op.now() + LIFE,
        )
        after = {"teams": [change.team_id for change in changes if change.changes_canvas]}
        action = "planGroupMemberships" if undo_of is None else "planUndo"
        await audit.record(op, action, PushPlanRef(row.id), op.scope.facility_id, None, after)
    return PushPlanRef(row.id)


async def plans_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[PushPlan | None]:
    """One answer per id; None for what does not exist for the viewer."""
    found = {row.id: row_of(row) for row in await queries.plans_by_ids(loaders.scope, ids)}
    return [found.get(id) for id in ids]


def row_of(row: models.PushPlan) -> PushPlan:
    """A plan as it leaves the database."""
    return PushPlan(
        id=row.id,
        provider_id=row.provider_id,
        course_id=row.course_id,
        requested_by_id=row.requested_by_id,
        facility_id=row.facility_id,
        undo_of_id=row.undo_of_id,
        changes=msgspec.convert(tuple(row.changes), tuple[TeamChange, ...]),
        brake=row.brake,
        created_at=row.created_at,
        expires_at=row.expires_at,
        applied_by_run_id=row.applied_by_run_id,
    )


async def targets_of(ref: CanvasClassRef, there: dict[str, frozenset[str]]) -> list[Target]:
    """Every team of the course whose group can be seen, with both its sides."""
    found = [
        team for team in await queries.canvas_teams(ref.provider, [ref.course_id]) if team.canvas_group_id in there
    ]
    here: defaultdict[int, set[int]] = defaultdict(set)
    for row in await queries.live_memberships([team.id for team in found]):
        here[row.team_id].add(row.user_id)
    return [Target(team, frozenset(here[team.id]), there[team.canvas_group_id or ""]) for team in found]


async def _subject(op: Operation, of: ClassRef | Sequence[TeamRef]) -> tuple[CanvasClassRef, list[teams.Team]]:
    if isinstance(of, CanvasClassRef):
        found = await queries.teams_of_classes(op.scope, [teams.class_key(of)])
        return of, [team for team in found if team.canvas_group_id is not None]
    if not isinstance(of, Sequence):
        raise InvalidInput("Only classes of Canvas have groups.", ["classId"])
    rows = {row.id: row for row in await queries.teams_by_ids(op.scope, [ref.id for ref in of])}
    if len(rows) < len({ref.id for ref in of}):
        raise NotFound("There is no such team.", ["teamIds"])
    refs = {row.school_class for row in rows.values() if row.canvas_group_id is not None}
    if len(refs) != 1 or any(row.canvas_group_id is None for row in rows.values()):
        raise InvalidInput("Name teams with a Canvas group, all of one class.", ["teamIds"])
    (ref,) = refs
    if not isinstance(ref, CanvasClassRef):
        raise InvalidInput("Only classes of Canvas have groups.", ["teamIds"])
    return ref, list(rows.values())
