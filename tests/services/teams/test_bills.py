"""What pulls and pushes cost Canvas, exactly."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from db.models import AuditEntry, SyncRun, Team, TeamMembership
from domain.enums import SyncState
from domain.refs import CanvasClassRef, ProviderRef, PushPlanRef, SyncRunRef
from domain.scope import SYSTEM
from sandbox.behaviour import Behaviour, Fault
from sandbox.world import World
from services.operation import begin
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from services.teams.plan import plan_memberships
from services.teams.pull import Options, sync_teams
from services.teams.push import push_memberships
from tests import factories
from tests.support.house import NOON, House


async def world_of(house: House, courses: int, per_course: int = 30, **behaviour: object) -> tuple[World, ProviderRef]:
    """Courses of groups of five, everybody in Canvas linked to somebody of ours."""
    students = max(per_course, courses * per_course // 10)
    world = World.generate(
        seed=1, courses=courses, students=students, students_per_course=per_course, weeks=1, today=date(2026, 3, 2), plain=True
    )  # fmt: skip
    row = await house.canvas(world, Behaviour(throttling=False, **behaviour))  # type: ignore[arg-type]
    for user in list(world.users.values()):
        await factories.link(provider=row, external_user_id=str(user.id))
    return world, ProviderRef(row.id)


async def carried(house: House, ref: SyncRunRef) -> SyncRun:
    await carry_out(house.engine, ref.id, HANDLERS, Pace())
    return await SyncRun.get(id=ref.id)


async def pull(house: House, provider: ProviderRef, **options: bool) -> SyncRun:
    return await carried(house, await sync_teams(begin(house.engine, SYSTEM), provider, Options(**options)))


def bill(house: House, provider: ProviderRef) -> Counter[str]:
    kinds = Counter[str]()
    for entry in house.sandboxes[provider.id].state.log.entries:
        kinds["graphql" if entry.path == "/api/graphql" else f"{entry.method} {entry.path.split('/')[3]}"] += 1
    house.forget_calls()
    return kinds


async def test_two_hundred_courses_cost_ten_requests_and_the_second_pull_writes_nothing(house: House) -> None:
    _, provider = await world_of(house, 200)
    run = await pull(house, provider)
    assert (run.state, run.created, await Team.all().count()) == (SyncState.SUCCEEDED, 7200, 1200)
    assert bill(house, provider) == {"GET accounts": 4, "graphql": 10}
    entries, rows = await AuditEntry.all().count(), await TeamMembership.all().count()
    run = await pull(house, provider)
    assert (run.created, run.updated, run.removed, run.unchanged) == (0, 0, 0, 6000)
    assert bill(house, provider) == {"graphql": 10}
    assert (await AuditEntry.all().count(), await TeamMembership.all().count()) == (entries + 1, rows)


async def test_without_graphql_it_is_one_request_a_course_set_and_group(house: House) -> None:
    _, provider = await world_of(house, 4, has_graphql_courses=False)
    await pull(house, provider)
    assert await Team.all().count() == 24
    assert bill(house, provider) == {
        "GET accounts": 1,
        "graphql": 1,
        "GET courses": 4,
        "GET group_categories": 4,
        "GET groups": 24,
    }


async def _push(house: House, provider: ProviderRef, course: str) -> tuple[SyncRun, PushPlanRef]:
    op = begin(house.engine, SYSTEM)
    plan = await plan_memberships(op, CanvasClassRef(provider.id, course))
    bill(house, provider)
    ref = await push_memberships(op, plan, None)
    assert isinstance(ref, SyncRunRef)
    return await carried(house, ref), plan


async def _rotate(teams: list[Team], people: int) -> None:
    """The first `people` of each team go on to the next of the list."""
    rows = [await TeamMembership.filter(team_id=team.id, until=None).order_by("id") for team in teams]
    moving = [members[:people] for members in rows]
    for members in moving:
        await TeamMembership.filter(id__in=[row.id for row in members]).update(until=NOON)
    for at, team in enumerate(teams):
        for row in moving[at - 1]:
            await TeamMembership.create(
                team_id=team.id, user_id=row.user_id, class_key=team.class_key, set_key=team.set_key, source="NATIVE", since=row.since
            )  # fmt: skip


async def test_a_push_of_three_groups_out_of_sixty_writes_to_those_only(house: House) -> None:
    world, provider = await world_of(house, 1, per_course=300)
    await pull(house, provider)
    teams = await Team.all().order_by("id")
    assert len(teams) == 60
    await _rotate(teams[10:13], 1)
    run, _ = await _push(house, provider, teams[0].course_id or "")
    assert (run.state, run.updated, run.unchanged) == (SyncState.SUCCEEDED, 3, 297)
    touched = {f"/api/v1/groups/{team.canvas_group_id}/memberships" for team in teams[10:13]}
    entries = house.sandboxes[provider.id].state.log.entries
    writes = [(entry.method, entry.path) for entry in entries if entry.path != "/api/graphql"]
    assert sorted(writes) == sorted(("POST", path) for path in touched)
    assert bill(house, provider) == {"POST groups": 3, "graphql": 3}
    assert {len(world.live_members(int(team.canvas_group_id or 0))) for team in teams} == {5}


async def test_many_changes_of_one_group_are_one_write(house: House) -> None:
    _, provider = await world_of(house, 1)
    await pull(house, provider)
    teams = await Team.all().order_by("id")
    await _rotate(teams[:2], 5)
    run, _ = await _push(house, provider, teams[0].course_id or "")
    assert (run.state, run.updated) == (SyncState.SUCCEEDED, 10)
    kinds = bill(house, provider)
    assert kinds["PUT groups"] == 1
    assert kinds["POST groups"] <= 5


async def test_a_whole_course_is_one_table(house: House) -> None:
    world, provider = await world_of(house, 1, per_course=100)
    await pull(house, provider)
    teams = await Team.all().order_by("id")
    await _rotate(teams, 5)
    run, _ = await _push(house, provider, teams[0].course_id or "")
    assert (run.state, run.updated) == (SyncState.SUCCEEDED, 100)
    assert bill(house, provider) == {"POST group_categories": 1, "GET progress": 2, "graphql": 3}
    assert {len(world.live_members(int(team.canvas_group_id or 0))) for team in teams} == {5}


@pytest.mark.parametrize("kind", ["throttle", "status", "lost"])
async def test_a_push_goes_on_through_throttling_and_failures_and_tells_what_is_missing(
    house: House, kind: str
) -> None:
    """A throttled write is repeated; one that failed is told; one whose answer got lost counts by what is there."""
    _, provider = await world_of(house, 1)
    await pull(house, provider)
    teams = await Team.all().order_by("id")
    await _rotate(teams[:3], 1)
    fault = Fault(kind=kind, path="memberships", method="POST", skip=1, times=1)  # type: ignore[arg-type]
    house.sandboxes[provider.id].state.behaviour.faults = [fault]
    run, _ = await _push(house, provider, teams[0].course_id or "")
    done = {"throttle": (SyncState.SUCCEEDED, 3, 0), "lost": (SyncState.SUCCEEDED_WITH_WARNINGS, 3, 0)}
    expected = done.get(kind, (SyncState.SUCCEEDED_WITH_WARNINGS, 2, 1))
    assert (run.state, run.updated, run.skipped) == expected
    again, _ = await _push(house, provider, teams[0].course_id or "")
    assert again.updated == 3 - run.updated


async def test_a_pull_goes_on_through_throttling_and_one_failure(house: House) -> None:
    _, provider = await world_of(house, 30)
    house.sandboxes[provider.id].state.behaviour.faults = [
        Fault(kind="throttle", path="graphql", times=1), Fault(kind="status", path="graphql", times=1)
    ]  # fmt: skip
    run = await pull(house, provider)
    assert (run.state, await Team.all().count()) == (SyncState.SUCCEEDED, 180)
