"""Teams and who is in them, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tortoise.expressions import Q

from db.models import CanvasCourse, ProviderLink, PushPlan, Team, TeamMembership, User
from db.queries import scoping
from db.queries.fetching import SortKey, batches, by_ids, keys_of, matching
from domain import rows, teams
from domain.enums import Source
from domain.filters import TeamFilter
from domain.scope import Scope


async def teams_by_ids(scope: Scope, ids: Iterable[int]) -> list[teams.Team]:
    """In no order."""
    return await by_ids(teams.Team, Team.filter(scoping.teams(scope)), ids)


async def team_keys(scope: Scope, narrowed: TeamFilter) -> list[SortKey]:
    """Every team of the list, in its order."""
    wanted = scoping.teams(scope, narrowed.facility_id) & matching(narrowed.search, "sort_key__contains")
    if narrowed.source is not None:
        wanted &= Q(source=narrowed.source)
    if narrowed.school_class is not None:
        wanted &= Q(class_key=teams.class_key(narrowed.school_class))
    return await keys_of(Team.filter(wanted))


async def teams_of_classes(scope: Scope, class_keys: Iterable[str]) -> list[teams.Team]:
    """By name."""
    found = Team.filter(scoping.teams(scope)).order_by("sort_key", "id")
    return await by_ids(teams.Team, found, class_keys, "class_key")


async def classes_with_teams(class_ids: Iterable[int]) -> set[int]:
    """Those of the native classes that have a team, whoever asks."""
    found: set[int] = set()
    for batch in batches(class_ids):
        live = Team.filter(school_class_id__in=batch, deleted_at=None).distinct().values_list("school_class_id")
        found.update(id for (id,) in await live)
    return found


async def teams_of_users(scope: Scope, user_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(person, team) of the live memberships of people in scope in teams in scope."""
    pairs: list[tuple[int, int]] = []
    for batch in batches(user_ids):
        live = TeamMembership.filter(scoping.people(scope, prefix="user__"), user_id__in=batch, until=None)
        pairs += await live.filter(team__deleted_at=None).values_list("user_id", "team_id")
    return pairs


async def live_memberships(team_ids: Iterable[int]) -> list[teams.Membership]:
    """Everybody in those teams now, of whatever scope, in no order."""
    found: list[teams.Membership] = []
    for batch in batches(team_ids):
        live = TeamMembership.filter(team_id__in=batch, until=None)
        found += [teams.Membership(*row) for row in await live.values_list("id", "team_id", "user_id", "source")]
    return found


async def members_in_scope(scope: Scope, team_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(team, person) of the active people in scope, by name. The teams are in scope already."""
    pairs: list[tuple[int, int]] = []
    for batch in batches(team_ids):
        counted = TeamMembership.filter(scoping.residents(scope, prefix="user__"), team_id__in=batch, until=None)
        pairs += await counted.order_by("user__sort_key", "user_id").values_list("team_id", "user_id")
    return pairs


async def accounts_of(provider_users: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """(provider, person) → the linked Canvas account, whatever the scope."""
    wanted = set(provider_users)
    found: dict[tuple[int, int], str] = {}
    for batch in batches({user for _, user in wanted}):
        live = ProviderLink.filter(user_id__in=batch, unlinked_at=None)
        for provider, user, account in await live.values_list("provider_id", "user_id", "external_user_id"):
            if (provider, user) in wanted:
                found[provider, user] = account
    return found


async def canvas_teams(provider_id: int, course_ids: Sequence[str]) -> list[teams.Team]:
    """The teams of Canvas groups of those courses, vanished ones too, whatever the scope."""
    found = Team.filter(provider_id=provider_id, source=Source.CANVAS, deleted_at=None).order_by("id")
    return await by_ids(teams.Team, found, course_ids, "course_id")


async def group_states(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int | None]:
    """(provider, course) → how many group sets its last pull found; unknown: absent."""
    wanted = set(pairs)
    found: dict[tuple[int, str], int | None] = {}
    for batch in batches({course for _, course in wanted}):
        known = CanvasCourse.filter(course_id__in=batch, pulled_at__not_isnull=True)
        for provider, course, sets in await known.values_list("provider_id", "course_id", "group_sets"):
            found[provider, course] = sets
    return {pair: sets for pair, sets in found.items() if pair in wanted}


async def plans_by_ids(scope: Scope, ids: Iterable[int]) -> list[PushPlan]:
    """A plan is for those who may have made it: the own facility's, or all."""
    visible = Q() if scope.everywhere else Q(facility_id=scope.facility_id)
    if not scope.is_admin or (scope.facility_id is None and not scope.everywhere):
        return []
    return await PushPlan.filter(visible, id__in=list(ids))


async def team_mates(user_id: int, team_ids: Iterable[int]) -> list[tuple[int, rows.User]]:
    """(team, person) of everybody active in the teams that the person is in, by name."""
    own = TeamMembership.filter(user_id=user_id, team_id__in=list(team_ids), until=None)
    mates = TeamMembership.filter(
        team_id__in=[id for (id,) in await own.values_list("team_id")], until=None, user__deactivated_at=None
    )
    pairs = await mates.order_by("user__sort_key", "user_id").values_list("team_id", "user_id")
    people = {row.id: row for row in await by_ids(rows.User, User.all(), {user for _, user in pairs})}
    return [(team, people[user]) for team, user in pairs]
