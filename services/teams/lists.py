"""Teams as far as the viewer may see them, and who is in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from db.queries import teams as queries
from domain import rows
from domain.enums import GroupsState, Source
from domain.filters import TeamFilter
from domain.paging import Page, PageRequest
from domain.refs import CanvasClassRef, ClassRef, TeamRef
from domain.teams import Membership, Team, class_key
from loaders import Loaders
from services.users import native_page


async def list_teams(loaders: Loaders, narrowed: TeamFilter, request: PageRequest) -> Page[Team]:
    """One page, by name."""
    keys = await queries.team_keys(loaders.scope, narrowed)
    return await native_page(keys, TeamRef, partial(teams_by_ids, loaders), request)


async def teams_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[Team | None]:
    """One answer per id; None for what does not exist for the viewer."""
    found = {row.id: row for row in await queries.teams_by_ids(loaders.scope, ids)}
    return [found.get(id) for id in ids]


async def teams_of_classes(loaders: Loaders, refs: Sequence[ClassRef]) -> list[list[Team]]:
    """The teams of each class, by name.

    Source: one query for all.
    """
    keys = [class_key(ref) for ref in refs]
    found: defaultdict[str, list[Team]] = defaultdict(list)
    for team in await queries.teams_of_classes(loaders.scope, keys):
        found[team.class_key].append(team)
    return [found[key] for key in keys]


async def teams_of_users(loaders: Loaders, user_ids: Sequence[int]) -> list[list[Team]]:
    """The teams each person is in now, by name.

    Source: two queries for all.
    """
    pairs = await queries.teams_of_users(loaders.scope, user_ids)
    teams = {team.id: team for team in await queries.teams_by_ids(loaders.scope, {team for _, team in pairs})}
    found: defaultdict[int, list[Team]] = defaultdict(list)
    for user, team in pairs:
        if team in teams:
            found[user].append(teams[team])
    return [sorted(found[id], key=lambda team: (team.sort_key, team.id)) for id in user_ids]


async def members(loaders: Loaders, team_ids: Sequence[int], *, students_see_team: bool) -> list[list[rows.User]]:
    """Active people in scope, by name; a student sees their own row and, where it is on, the names of team-mates."""
    found: defaultdict[int, list[rows.User]] = defaultdict(list)
    scope = loaders.scope
    if scope.is_student and students_see_team and scope.user_id is not None:
        for team, person in await queries.team_mates(scope.user_id, team_ids):
            found[team].append(person if person.id == scope.user_id else name_only(person))
        return [found[id] for id in team_ids]
    pairs = await queries.members_in_scope(scope, team_ids)
    wanted = list({user for _, user in pairs})
    people = dict(zip(wanted, await loaders.user_by_id.load_many(wanted), strict=True))
    for team, user in pairs:
        if (row := people[user]) is not None:
            found[team].append(row)
    return [found[id] for id in team_ids]


async def member_counts(loaders: Loaders, team_ids: Sequence[int], *, students_see_team: bool) -> list[int]:
    """As many as `members` answers."""
    if loaders.scope.is_student and students_see_team:
        return [len(found) for found in await members(loaders, team_ids, students_see_team=True)]
    found: defaultdict[int, int] = defaultdict(int)
    for team, _ in await queries.members_in_scope(loaders.scope, team_ids):
        found[team] += 1
    return [found[id] for id in team_ids]


async def pending_changes(loaders: Loaders, teams: Sequence[Team]) -> list[int]:
    """Local edits of each Canvas team that wait for a push, of people in scope; 0 for teams made by hand."""
    of_canvas = [team for team in teams if team.source is Source.CANVAS and team.provider_id is not None]
    if not of_canvas or loaders.scope.is_student:
        return [0] * len(teams)
    here: defaultdict[int, list[Membership]] = defaultdict(list)
    for row in await queries.live_memberships([team.id for team in of_canvas]):
        here[row.team_id].append(row)
    pairs = ((team.provider_id or 0, row.user_id) for team in of_canvas for row in here[team.id])
    accounts = await queries.accounts_of(pairs)
    mine = await _own(loaders, of_canvas, here)
    pending = {team.id: _pending(team, here[team.id], accounts, mine) for team in of_canvas}
    return [pending.get(team.id, 0) for team in teams]


async def group_states(refs: Sequence[CanvasClassRef]) -> list[GroupsState]:
    """Whether each course had group sets when its teams were last pulled."""
    found = await queries.group_states([(ref.provider, ref.course_id) for ref in refs])
    return [_state(found.get((ref.provider, ref.course_id))) for ref in refs]


def name_only(person: rows.User) -> rows.User:
    """A team-mate as a student may see them: nothing but the name."""
    return replace(person, username="", email=None, doc_id=None, facility_id=None, deactivated_at=None)


def _state(sets: int | None) -> GroupsState:
    if sets is None:
        return GroupsState.UNKNOWN
    return GroupsState.HAS_GROUPS if sets else GroupsState.NO_GROUPS


def _pending(
    team: Team, here: Sequence[Membership], accounts: Mapping[tuple[int, int], str], mine: set[int] | None
) -> int:
    seen = team.seen or {}
    people = {row.user_id for row in here}
    added = [person for person in people if accounts.get((team.provider_id or 0, person)) not in seen]
    removed = [person for person in seen.values() if person is not None and person not in people]
    return sum(mine is None or person in mine for person in (*added, *removed))


async def _own(loaders: Loaders, teams: Sequence[Team], here: Mapping[int, Sequence[Membership]]) -> set[int] | None:
    """The people of these teams in the viewer's scope; None for everybody."""
    if loaders.scope.everywhere:
        return None
    people = {row.user_id for team in teams for row in here[team.id]}
    people |= {person for team in teams for person in (team.seen or {}).values() if person is not None}
    wanted = list(people)
    return {row.id for row in await loaders.user_by_id.load_many(wanted) if row is not None}
