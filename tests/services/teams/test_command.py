"""What `homeroom sync` is made of."""

from __future__ import annotations

import pytest

from db.models import Provider, SyncIssue, Team
from domain.problems import NotFound
from domain.runs import SyncRun
from domain.scope import SYSTEM
from services.demo_teams import seed_teams
from services.operation import begin
from services.run_kinds import start_nightly
from services.teams.command import sync_command
from services.teams.history import issues_table, past_runs
from services.teams.nightly import Night
from tests import factories
from tests.support.house import House
from tests.support.school import School, school


@pytest.fixture
async def lab(house: House) -> School:
    made = await school(house, 6, linked=5)
    made.add_group("Red", [91, 92, 96])
    made.add_group("Blue", [93])
    return made


async def test_a_provider_is_pulled_with_progress_and_its_issues_are_a_table(lab: School) -> None:
    op, told = begin(lab.house.engine, SYSTEM), list[SyncRun]()
    (line,) = await sync_command(op, "state college", on_progress=lambda _, run: told.append(run))
    assert (line.name, line.state, line.created, line.skipped) == ("State College", "SUCCEEDED_WITH_WARNINGS", 5, 1)
    assert told[-1].state == "SUCCEEDED_WITH_WARNINGS"
    issue = await SyncIssue.get()
    issue.message = "=1+1"
    await issue.save()
    assert (await issues_table(op, [line.run_id or 0])).splitlines() == [
        "run,time,code,message,team,course,canvas_user_id",
        f"{line.run_id},2026-03-02T18:00:00+00:00,UNLINKED_MEMBER,'=1+1,Red,,96",
    ]


async def test_runs_that_have_been_are_kept_with_their_issues(lab: School) -> None:
    """Whoever asked for them: a person, the schedule or the command line."""
    op = begin(lab.house.engine, SYSTEM)
    await lab.pull()
    await sync_command(op, "State College")
    await Provider.filter(id=lab.provider.id).update(nightly_sync=True)
    await start_nightly(lab.house.engine, Night())
    found = await past_runs(op, lab.provider.id, 10)
    told = [(one.by, str(one.run.state), one.issues) for one in found]
    assert told == [
        ("the schedule", "QUEUED", 0),
        ("the command line", "SUCCEEDED_WITH_WARNINGS", 1),
        (lab.admin.username, "SUCCEEDED_WITH_WARNINGS", 1),
    ]
    assert len(await past_runs(op, lab.provider.id, 1)) == 1
    both = (await issues_table(op, [one.run.id for one in found])).splitlines()
    assert [row.split(",")[0] for row in both] == ["run", str(found[2].run.id), str(found[1].run.id)]
    with pytest.raises(NotFound):
        await issues_table(op, [99])


async def test_a_class_is_planned_and_pushed(lab: School) -> None:
    op = begin(lab.house.engine, SYSTEM)
    await sync_command(op, "State College", "welding")
    await lab.put("Red", [91, 94])
    (plan,) = await sync_command(op, "State College", "4821", "plan")
    assert (plan.name, plan.state, plan.created, plan.updated, plan.removed) == ("Welding", "PLANNED", 1, 0, 1)
    assert lab.there("Red") == [91, 92, 96]
    (push,) = await sync_command(op, "State College", None, "push")
    assert (push.name, push.state, push.created, push.removed) == ("Welding", "SUCCEEDED", 1, 1)
    assert lab.there("Red") == [91, 94, 96]


async def test_what_does_not_exist_is_said(lab: School) -> None:
    op = begin(lab.house.engine, SYSTEM)
    with pytest.raises(NotFound):
        await sync_command(op, "Harbor")
    with pytest.raises(NotFound):
        await sync_command(op, "State College", "Baking")


async def test_the_demo_has_teams_made_by_hand(lab: School) -> None:
    row = await factories.school_class()
    for _ in range(6):
        await factories.enrollment(school_class=row)
    from domain.refs import NativeClassRef

    assert await seed_teams(begin(lab.house.engine, SYSTEM), [NativeClassRef(row.id)]) == 2
    assert {(team.name, team.source) for team in await Team.all()} == {("Cedar", "NATIVE"), ("Maple", "NATIVE")}
