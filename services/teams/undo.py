"""The inverse of a push, as a plan of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from domain.enums import Role
from domain.problems import Conflict, NotFound
from domain.refs import CanvasClassRef, PushPlanRef, SyncRunRef
from domain.teams import Move, Planned, Result, TeamChange
from services import runs
from services.access import require_role
from services.operation import Operation
from services.teams.compare import Rules, Target, skip
from services.teams.course_now import client, groups_now, members_of, rules_now
from services.teams.course_state import linked_people
from services.teams.own import accounts_within, people_within
from services.teams.plan import keep, targets_of
from services.teams.push import team_names
from services.teams.results import results_of_run

DONE = {"ADDED", "MOVED", "REMOVED"}
Own: TypeAlias = Callable[[str], bool]
"""Whether a Canvas account is that of somebody whom the planner may move."""


async def plan_undo(op: Operation, ref: SyncRunRef) -> PushPlanRef:
    """A plan that takes back in Canvas what the push of that run did. What is decided here stays, and waits again.

    Errors: NotAllowed, NotFound, Conflict for a run that pushed nothing, UpstreamUnavailable, UpstreamRefused.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "push memberships")
    if (await runs.runs_by_ids(op.loaders, [ref.id]))[0] is None:
        raise NotFound("There is no such run.", ["runId"])
    found = await results_of_run(ref.id)
    if found is None:
        raise Conflict("This run pushed nothing that could be taken back.", ["runId"])
    course, results = found
    within, people = await people_within(op.scope), await linked_people(course.provider)
    done = [row for row in results if row.outcome in DONE and row.user_id is not None and within(row.user_id)]
    own = accounts_within(op.scope, people, within)
    changes = await _inverse(op, course, done, people, own)
    return await keep(op, course, changes, await team_names([change.team_id for change in changes]), own, ref.id)


async def _inverse(
    op: Operation, course: CanvasClassRef, results: Sequence[Result], people: Mapping[str, int], own: Own
) -> list[TeamChange]:
    canvas = await client(op.engine, course.provider)
    there = members_of(await groups_now(canvas, course, student_organized=True))
    targets = {target.team.id: target for target in await targets_of(course, there)}
    rules = await rules_now(canvas, course, {t.team.canvas_set_id or "" for t in targets.values()})
    arriving: defaultdict[int, list[Result]] = defaultdict(list)
    leaving: defaultdict[int, list[Result]] = defaultdict(list)
    for result in results:
        if result.outcome == "ADDED":
            leaving[result.team_id].append(result)
        else:
            arriving[result.from_team_id or result.team_id].append(result)
    return [
        _change(target, arriving[id], leaving[id], people, rules, targets, own)
        for id, target in targets.items()
        if arriving[id] or leaving[id] or any(result.team_id == id for result in results)
    ]


def _change(
    target: Target,
    arriving: Sequence[Result],
    leaving: Sequence[Result],
    people: Mapping[str, int],
    rules: Rules,
    targets: dict[int, Target],
    own: Own,
) -> TeamChange:
    adds: list[Planned] = []
    moves: list[Move] = []
    skipped: list[Planned] = []
    for result in arriving:
        account = result.canvas_user_id
        origin = targets.get(result.team_id)
        if account in target.there:
            continue
        if account not in rules.sections:
            skipped.append(skip(account, result.user_id, "NOT_ENROLLED"))
        elif people.get(account) != result.user_id:
            skipped.append(skip(account, result.user_id, "LINK_CHANGED"))
        elif result.outcome == "REMOVED":
            adds.append(Planned(account, result.user_id))
        elif origin is not None and account in origin.there:
            moves.append(Move(Planned(account, result.user_id), result.team_id))
        else:
            skipped.append(skip(account, result.user_id, "CHANGED_IN_CANVAS"))
    gone = [
        Planned(result.canvas_user_id, result.user_id) for result in leaving if result.canvas_user_id in target.there
    ]
    return TeamChange(
        team_id=target.team.id,
        group_id=target.team.canvas_group_id or "",
        set_id=target.team.canvas_set_id or "",
        there=tuple(sorted(target.there)),
        limit=rules.limits.get(target.team.canvas_group_id or ""),
        adds=tuple(adds),
        removes=tuple(gone),
        moves=tuple(moves),
        keeps=sum(map(own, target.there)) - len(gone),
        skipped=tuple(skipped),
    )
