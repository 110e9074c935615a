"""Writing what a pull found, one course at a time: teams, memberships, audit and progress in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from tortoise.exceptions import IntegrityError

from db import models
from db.transactions import atomic, lock
from domain.enums import Source
from domain.facts import CourseGroups
from domain.names import fold
from domain.refs import CanvasClassRef, TeamRef
from domain.teams import Team, class_key
from services import audit
from services.run import Run
from services.teams.course_state import CanvasGroup, Comparison, Here, changed_columns, compare, here_of
from services.teams.merge import Merged
from services.teams.own import Within
from services.teams.records import Lists, entries_of, numbers, record_members

ACTION = "syncTeams"
BATCH = 500
SAYS = {
    "UNLINKED_MEMBER": "A member of “{}” is a Canvas account that nobody here is linked to.",
    "IN_TWO_GROUPS": "Canvas showed one account in two groups of a set; it was left out of “{}”.",
    "CHANGED_ON_BOTH_SIDES": "Somebody was moved here and in Canvas, where “{}” is concerned; what is here stays.",
    "MEMBERS_HIDDEN": "Canvas did not tell who is in a group, so nobody was moved from it to “{}”.",
}


async def apply_course(
    run: Run,
    ref: CanvasClassRef,
    there: CourseGroups,
    people: Mapping[str, int],
    *,
    student_organized: bool,
    remove_stale: bool,
    within: Within,
) -> Comparison:
    """Make the course's teams what its groups are, but for local edits that Canvas does not know yet.

    Shape:  compares again inside the transaction, against what is here then.
    Errors: LeaseLostError undoes it all.
    """
    for attempt in range(3):
        try:
            async with atomic():
                rows = models.Team.filter(provider_id=ref.provider, course_id=ref.course_id, deleted_at=None)
                await lock(rows.order_by("id"))
                here = (await here_of(ref.provider, [ref.course_id]))[ref.course_id]
                found = compare(ref, there, here, people, student_organized=student_organized)
                await _write(run, found, there, within, remove_stale=remove_stale)
                await run.save()
                return found
        except IntegrityError:  # Somebody put one of these people into a team of the set meanwhile: look again.
            if attempt == 2:
                raise
    raise AssertionError


async def keep_unchanged(
    run: Run, found: Sequence[Comparison], there: Mapping[str, CourseGroups], within: Within
) -> None:
    """Note that courses were looked at and are as they were: a few statements for all of them."""
    if not found:
        return
    now = run.op.now()
    by_count: defaultdict[int, list[str]] = defaultdict(list)
    for one in found:
        by_count[len(there[one.ref.course_id].sets)].append(one.ref.course_id)
        for id, merged in one.merged.items():
            _tell(run, one.here.teams[id], merged)
            _count(run, merged, within)
        await _write_gone(run, one, within, remove_stale=False)
    courses = [one.ref.course_id for one in found]
    async with atomic():
        shown = models.Team.filter(provider_id=run.provider, course_id__in=courses, gone_at=None, deleted_at=None)
        await shown.filter(source=Source.CANVAS).update(last_synced_at=now)
        for sets, ids in by_count.items():
            known = models.CanvasCourse.filter(provider_id=run.provider, course_id__in=ids)
            await known.update(group_sets=sets, pulled_at=now)
        await run.save()


async def _write(run: Run, found: Comparison, there: CourseGroups, within: Within, *, remove_stale: bool) -> None:
    made = await _create_teams(run, found)
    here = Here({**found.here.teams, **made}, found.here.members)
    changed = await _write_members(run, found, here, made, within)
    entries = [*await entries_of(changed), *await _write_teams(run, found)]
    await _write_gone(run, found, within, remove_stale=remove_stale and there.complete)
    if entries:
        await audit.record_all(run.op, ACTION, entries)
    await _write_seen(run, found, here)
    now = run.op.now()
    courses = models.CanvasCourse.filter(provider_id=found.ref.provider, course_id=found.ref.course_id)
    await courses.update(group_sets=len(there.sets), pulled_at=now)


async def _create_teams(run: Run, found: Comparison) -> dict[str, Team]:
    new = [group for id, group in found.groups.items() if id not in found.here.teams]
    if not new:
        return {}
    rows = [_row(found.ref, group) for group in new]
    await models.Team.bulk_create(rows, batch_size=BATCH)
    run.count(created=len(new))
    here = (await here_of(found.ref.provider, [found.ref.course_id]))[found.ref.course_id]
    wanted = {group.group.id for group in new}
    return {id: team for id, team in here.teams.items() if id in wanted}


def _row(ref: CanvasClassRef, group: CanvasGroup) -> models.Team:
    return models.Team(
        name=group.name,
        sort_key=fold(group.name),
        description=group.description,
        source=Source.CANVAS,
        class_key=class_key(ref),
        set_key=group.set_key,
        provider_id=ref.provider,
        course_id=ref.course_id,
        canvas_group_id=group.group.id,
        canvas_set_id=group.set.id,
        canvas_set_name=group.set.name,
    )


async def _write_members(run: Run, found: Comparison, here: Here, made: Collection[str], within: Within) -> list[Lists]:
    """End and begin memberships; the old and the new members of every team in which they changed."""
    now, ended, begun, changed = run.op.now(), list[int](), list[models.TeamMembership](), list[Lists]()
    for id, merged in found.merged.items():
        team = here.teams[id]
        _tell(run, team, merged)
        before = {row.user_id: row.id for row in here.members.get(team.id, ())}
        out = [*merged.leaves, *merged.moved_away]
        ended += [before[person] for person in out]
        begun += [_membership(team, person, now) for person in merged.joins]
        _count(run, merged, within)
        if merged.changed or id in made:
            changed.append(_lists(team, before, {*before, *merged.joins} - set(out), is_new=id in made))
    for start in range(0, len(ended), BATCH):
        await models.TeamMembership.filter(id__in=ended[start : start + BATCH]).update(until=now)
    await models.TeamMembership.bulk_create(begun, batch_size=BATCH)
    return changed


def _membership(team: Team, person: int, now: object) -> models.TeamMembership:
    return models.TeamMembership(
        team_id=team.id,
        user_id=person,
        class_key=team.class_key,
        set_key=team.set_key,
        source=Source.CANVAS,
        since=now,
    )


def _lists(team: Team, before: Collection[int], after: Collection[int], *, is_new: bool) -> Lists:
    return Lists(TeamRef(team.id), team.facility_id, None if is_new else numbers(before), numbers(after), team.name)


def _count(run: Run, merged: Merged, within: Within) -> None:
    """Whoever asked is told how many of their own people joined, moved, left and stayed."""
    joins = [origin for person, origin in merged.joins.items() if within(person)]
    moved = sum(origin is not None for origin in joins)
    left, stayed = sum(map(within, merged.leaves)), sum(map(within, merged.unchanged))
    run.count(created=len(joins) - moved, updated=moved, removed=left, unchanged=stayed)


def _tell(run: Run, team: Team, merged: Merged) -> None:
    for finding in merged.findings:
        run.count(skipped=1)
        run.issue(
            finding.code, SAYS[finding.code].format(team.name), team_id=team.id, canvas_user_id=finding.canvas_user_id
        )
    if merged.seen is None:
        text = (
            f"Canvas did not tell who is in “{team.name}”, so nobody joined or left. It failed just now, or the access "
            "key's owner may not see the roster."
        )
        run.issue("MEMBERS_HIDDEN", text, team_id=team.id)


async def _write_teams(run: Run, found: Comparison) -> list[audit.Entry]:
    entries = []
    for id, group in found.groups.items():
        team = found.here.teams.get(id)
        if team is None:
            continue
        changed = changed_columns(team, group)
        if changed or team.gone_at is not None:
            name = {"sort_key": fold(group.name)} if "name" in changed else {}
            await models.Team.filter(id=team.id).update(**changed, **name, gone_at=None)
            if "set_key" in changed:
                await models.TeamMembership.filter(team_id=team.id).update(set_key=group.set_key)
            before = {column: getattr(team, column) for column in changed}
            entries.append(audit.Entry(TeamRef(team.id), team.facility_id, before, dict(changed)))
            run.count(updated=1)
    return entries


async def _write_gone(run: Run, found: Comparison, within: Within, *, remove_stale: bool) -> None:
    now = run.op.now()
    for team in found.gone:
        if remove_stale:
            people = numbers(row.user_id for row in found.here.members.get(team.id, ()))
            await models.TeamMembership.filter(team_id=team.id, until=None).update(until=now)
            await models.Team.filter(id=team.id).update(deleted_at=now, gone_at=team.gone_at or now)
            ended = Lists(TeamRef(team.id), team.facility_id, people, None, team.name)
            await record_members(run.op, "deleteTeam", [ended])
            run.count(removed=1 + sum(map(within, people)))
        else:
            await models.Team.filter(id=team.id, gone_at=None).update(gone_at=now)
            run.count(skipped=1)
            text = f"The group of “{team.name}” is no longer in Canvas. The team stays, with its members."
            run.issue("GROUP_VANISHED", text, team_id=team.id)


async def _write_seen(run: Run, found: Comparison, here: Here) -> None:
    """Remember what Canvas showed; one statement for all groups in which nobody new was seen."""
    now, same, changed = run.op.now(), list[int](), list[models.Team]()
    for id, merged in found.merged.items():
        team = here.teams[id]
        if merged.seen is None or merged.seen == team.seen:
            same.append(team.id)
        else:
            changed.append(models.Team(id=team.id, seen=merged.seen, last_synced_at=now))
    if same:
        await models.Team.filter(id__in=same).update(last_synced_at=now)
    if changed:
        await models.Team.bulk_update(changed, fields=["seen", "last_synced_at"], batch_size=200)
