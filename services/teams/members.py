"""Who is in a team, decided by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from db import models
from db.queries import teams as queries
from db.queries.users import users_by_ids
from db.transactions import lock
from domain.enums import Role, Source
from domain.problems import Conflict, NotAStudent, NotFound
from domain.refs import TeamRef
from services.access import require_role
from services.operation import Operation
from services.teams.records import Lists, numbers, record_members
from services.writing import writing

ONE_TEAM = Conflict("Somebody put one of these people into another team just now. Ask again.", ["userIds"])


async def set_team_members(op: Operation, ref: TeamRef, user_ids: Sequence[int]) -> TeamRef:
    """Make these people the team's members, as far as they are in the viewer's scope: others in it stay (D-06a), and so do
    those who are deactivated, whom nobody is shown.

    Shape:  whoever was in another team of the class and group set leaves that one. In a Canvas team these are local
            changes, which wait for a push.
    Errors: NotAllowed for students; NotFound for a team or person out of scope; NotAStudent; Conflict.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "change teams")
    async with writing(op, team_membership_one=ONE_TEAM):
        found = await queries.teams_by_ids(op.scope, [ref.id])
        row = await lock(models.Team.filter(id=ref.id, deleted_at=None)).first() if found else None
        if row is None:
            raise NotFound("There is no such team.", ["teamId"])
        await put_members(op, row, user_ids, "setTeamMembers")
    return ref


async def put_members(op: Operation, team: models.Team, user_ids: Sequence[int], action: str) -> None:
    """The same inside a transaction that holds the team."""
    wanted = list(dict.fromkeys(user_ids))
    live = await models.TeamMembership.filter(team_id=team.id, until=None)
    now = {row.user_id for row in live}
    await _require_students(op, [id for id in wanted if id not in now], wanted)
    mine = {row.id for row in await users_by_ids(op.scope, now) if row.deactivated_at is None}
    out = (now & mine) - set(wanted)
    joining = [id for id in wanted if id not in now]
    if not (out or joining):
        return
    await models.TeamMembership.filter(team_id=team.id, user_id__in=list(out), until=None).update(until=op.now())
    left = await _leave_others(op, team, joining)
    await models.TeamMembership.bulk_create([_membership(op, team, id) for id in joining])
    after = (now - out) | set(joining)
    changed = Lists(TeamRef(team.id), team.facility_id, numbers(now), numbers(after))
    await record_members(op, action, [changed, *left])


async def _require_students(op: Operation, joining: Sequence[int], wanted: Sequence[int]) -> None:
    """Those who join are active students in scope; nobody out of scope may even be named, but for those who stay."""
    people = {row.id: row for row in await users_by_ids(op.scope, wanted)}
    for id in wanted:
        person = people.get(id)
        if person is None or not op.scope.covers_facility(person.facility_id):
            raise NotFound("There is no such person.", ["userIds"])
        if id in joining and (person.role is not Role.STUDENT or person.deactivated_at is not None):
            raise NotAStudent("Only active students are in teams.", ["userIds"])


async def _leave_others(op: Operation, team: models.Team, joining: Sequence[int]) -> list[Lists]:
    """A person is in one team per class and group set: the former one is left. Who was and is in those teams."""
    same = models.TeamMembership.filter(class_key=team.class_key, set_key=team.set_key, until=None)
    left = {row.team_id for row in await same.filter(user_id__in=list(joining))}
    members: defaultdict[int, set[int]] = defaultdict(set)
    for row in await queries.live_memberships(left):
        members[row.team_id].add(row.user_id)
    await same.filter(user_id__in=list(joining)).update(until=op.now())
    facilities = dict(await models.Team.filter(id__in=list(left)).values_list("id", "facility_id"))
    return [
        Lists(TeamRef(id), facilities[id], numbers(members[id]), numbers(members[id] - set(joining)))
        for id in sorted(left)
    ]


def _membership(op: Operation, team: models.Team, person: int) -> models.TeamMembership:
    return models.TeamMembership(
        team_id=team.id,
        user_id=person,
        class_key=team.class_key,
        set_key=team.set_key,
        source=Source.NATIVE,
        since=op.now(),
    )
