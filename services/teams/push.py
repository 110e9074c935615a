"""Carrying a plan out: look again, write the cheapest correct way, read back, remember (G-10, G-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from db import models
from db.transactions import atomic, lock
from domain.enums import Role, SyncKind
from domain.problems import Conflict, NotFound, PlanExpired, PlanStale, Problem
from domain.refs import PushPlanRef, SyncRunRef, TeamRef
from domain.teams import Planned, PushPlan, Result, TeamChange
from services.access import require_role
from services.course_leases import take
from services.operation import Operation
from services.run import Run
from services.runs import Asked, start
from services.teams.brake import may_override, require_override
from services.teams.compare import REASONS
from services.teams.course_now import Members, client, groups_now, members_of
from services.teams.course_state import linked_people
from services.teams.outcomes import OUTCOME_ISSUES, results_of, seen_after
from services.teams.own import people_within
from services.teams.plan import plans_by_ids, row_of
from services.teams.records import Lists, record_members
from services.teams.staleness import is_stale
from services.teams.writes import Writer

ACTION = "pushGroupMemberships"


async def push_memberships(op: Operation, ref: PushPlanRef, override: str | None) -> SyncRunRef | list[Problem]:
    """Ask for a plan to be carried out; a second caller joins the run.

    Shape:  the run, or one PlanStale for each team that changed in Canvas since the plan was made.
    Errors: NotAllowed, NotFound, PlanExpired, Conflict for a plan that was carried out, OverrideRequired,
            UpstreamUnavailable, UpstreamRefused.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "push memberships")
    may_override(op, override)
    (plan,) = await plans_by_ids(op.loaders, [ref.id])
    if plan is None:
        raise NotFound("There is no such plan.", ["planId"])
    if plan.applied_by_run_id is not None:
        return await _joined(plan)
    if plan.expires_at <= op.now():
        raise PlanExpired("This plan is older than 30 minutes. Make a new one.", ["planId"])
    require_override(plan.brake, override)
    stale = await _stale(op, plan)
    if stale:
        text = "This group changed in Canvas after the plan was made. Pull, and make a new plan."
        return [PlanStale(text, TeamRef(change.team_id)) for change in stale]
    parameters = {"plan_id": plan.id, "override": override}
    asked = Asked(SyncKind.PUSH_MEMBERSHIPS, None, plan.school_class, parameters, alone=f"push-plan:{plan.id}")
    return await start(op, asked, ACTION)


async def _joined(plan: PushPlan) -> SyncRunRef:
    row = await models.SyncRun.get(id=plan.applied_by_run_id)
    if row.finished_at is not None:
        raise Conflict("This plan was carried out already. Make a new one.", ["planId"])
    return SyncRunRef(row.id)


async def _stale(op: Operation, plan: PushPlan) -> list[TeamChange]:
    changing = [change for change in plan.changes if change.changes_canvas]
    if not changing:
        return []
    canvas = await client(op.engine, plan.provider_id)
    now = members_of(await groups_now(canvas, plan.school_class, student_organized=await _organized(changing)))
    return [change for change in changing if is_stale(change, plan.changes, now)]


async def push_plan(run: Run) -> None:
    """The handler. Whatever was written by an attempt that died is found done when the groups are read again."""
    plan = await _begin(run)
    changing = [change for change in plan.changes if change.changes_canvas]
    run.count(unchanged=sum(change.keeps for change in plan.changes))
    _tell_skipped(run, plan)
    if not changing:
        return
    ref = plan.school_class
    if ref.course_id not in await take(run, ref.provider, [ref.course_id]):
        raise Conflict("Another run works on this class. Try again when it has ended.")
    organized = await _organized(changing)
    canvas = await client(run.op.engine, ref.provider)
    await run.step("reading_groups")
    before = members_of(await groups_now(canvas, ref, student_organized=organized))
    fresh = [change for change in changing if not _refuse(run, change, plan, before)]
    fit = await _still_theirs(run, ref.provider, fresh)
    await run.step("writing_memberships", len(fit))
    writer = Writer(run, canvas, before, whole_groups=run.op.scope.everywhere)
    await writer.write(fit)
    await run.step("reading_back", len(fit))
    after = members_of(await groups_now(canvas, ref, student_organized=organized))
    await _finish(run, plan, fit, after, writer.refused)


async def _organized(changing: Sequence[TeamChange]) -> bool:
    rows = await models.Team.filter(id__in=[change.team_id for change in changing])
    return any("/" in row.set_key for row in rows)


async def _begin(run: Run) -> PushPlan:
    async with atomic():
        row = await lock(models.PushPlan.filter(id=run.parameters["plan_id"])).first()
        if row is None or row.applied_by_run_id not in (None, run.id):
            raise Conflict("This plan was carried out already. Make a new one.")
        if row.expires_at <= run.op.now() and row.applied_by_run_id is None:
            raise PlanExpired("This plan is older than 30 minutes. Make a new one.")
        require_override(row.brake, cast("str | None", run.parameters.get("override")))
        row.applied_by_run_id = run.id
        await row.save(update_fields=["applied_by_run_id"])
        await run.save()
    return row_of(row)


def _refuse(run: Run, change: TeamChange, plan: PushPlan, now: Members) -> bool:
    if change.group_id not in now:
        text = "The group is no longer in Canvas, or hides who is in it. Nothing was written to it."
        run.issue("GROUP_VANISHED", text, team_id=change.team_id)
    elif is_stale(change, plan.changes, now):
        text = "The group changed in Canvas after the plan was made. Nothing was written to it."
        run.issue("PLAN_STALE", text, team_id=change.team_id)
    else:
        return False
    run.count(skipped=len(change.adds) + len(change.moves) + len(change.removes))
    return True


async def _still_theirs(run: Run, provider: int, changes: Sequence[TeamChange]) -> list[TeamChange]:
    """The changes without those whose account is somebody else's by now, or who have left the requester's scope."""
    people, within = await linked_people(provider), await people_within(run.op.scope)

    def fits(change: TeamChange, one: Planned) -> bool:
        if one.user_id is not None and people.get(one.canvas_user_id or "") == one.user_id and within(one.user_id):
            return True
        run.count(skipped=1)
        run.issue("LINK_CHANGED", REASONS["LINK_CHANGED"], team_id=change.team_id, canvas_user_id=one.canvas_user_id)
        return False

    return [
        msgspec.structs.replace(
            change,
            adds=tuple(one for one in change.adds if fits(change, one)),
            removes=tuple(one for one in change.removes if fits(change, one)),
            moves=tuple(move for move in change.moves if fits(change, move.member)),
        )
        for change in changes
    ]


def _tell_skipped(run: Run, plan: PushPlan) -> None:
    for change in plan.changes:
        for one in change.skipped:
            run.count(skipped=1)
            run.issue(
                one.code or "SKIPPED", one.reason or "", team_id=change.team_id, canvas_user_id=one.canvas_user_id
            )


async def _finish(
    run: Run, plan: PushPlan, written: Sequence[TeamChange], after: Members, refused: Mapping[tuple[str, str], str]
) -> None:
    """Compare what is there with what was asked for; remember it, and say it per person."""
    results = results_of(written, after, refused)
    counted = {"ADDED": "created", "MOVED": "updated", "REMOVED": "removed"}
    for result in results:
        run.count(**{counted.get(result.outcome, "skipped"): 1})
        if result.outcome in OUTCOME_ISSUES:
            why = refused.get((result.canvas_user_id, result.outcome)) or OUTCOME_ISSUES[result.outcome]
            run.issue(result.outcome, why, team_id=result.team_id, canvas_user_id=result.canvas_user_id)
    async with atomic():
        await _remember(run, results)
        kept = await models.PushPlan.get(id=plan.id)
        kept.outcome = msgspec.to_builtins(results)
        await kept.save(update_fields=["outcome"])
        await run.save()


async def _remember(run: Run, results: Sequence[Result]) -> None:
    """Both sides now agree on what was done: it is part of what was seen."""
    touched = {result.team_id for result in results}
    touched |= {result.from_team_id for result in results if result.from_team_id is not None}
    rows = await lock(models.Team.filter(id__in=sorted(touched)).order_by("id"))
    changed = []
    for row in rows:
        before = dict(row.seen or {})
        after = seen_after(row.id, before, results)
        if after != before:
            row.seen, row.last_synced_at = after, run.op.now()
            await row.save(update_fields=["seen", "last_synced_at"])
            changed.append(Lists(TeamRef(row.id), row.facility_id, before, after, key="canvas_members"))
    await record_members(run.op, ACTION, changed)


async def team_names(ids: Sequence[int]) -> dict[int, str]:
    """Names by team number, whatever the scope."""
    return dict(await models.Team.filter(id__in=list(ids)).values_list("id", "name"))
