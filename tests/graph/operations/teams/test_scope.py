"""Who sees and changes what of teams."""

from __future__ import annotations

import pytest

from db.models import User
from domain.enums import Role
from graph.schema import schema
from tests import factories
from tests.support.house import House, gid
from tests.support.school import PLAN, RUN, TEAMS, School, school, summary, unlink


async def test_a_facility_admin_moves_only_their_own_people(lab: School) -> None:
    """D-06a."""
    south = await factories.facility(name="South")
    await User.filter(id__in=[lab.people[92].id, lab.people[96].id]).update(facility_id=south.id)
    await lab.pull()
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=south)
    hidden = await lab.put("Red", [91], warden)
    assert [error["__typename"] for error in hidden["errors"]] == ["NotFoundError"]
    answer = await lab.put("Red", [96], warden)
    assert answer["errors"] == []
    assert await lab.here("Red") == [91, 93, 96]
    plan = await lab.plan(warden)
    assert summary(plan) == {"Blue": [], "Red": ["+96", "-92"]}
    run = await lab.push(plan, warden)
    assert (run["created"], run["removed"], lab.there("Red")) == (1, 1, [91, 93, 96])
    data = (await lab.house.data(TEAMS, warden))["teams"]["nodes"]
    assert [(team["name"], team["memberCount"]) for team in data] == [("Blue", 0), ("Red", 1)]


async def test_students_see_their_own_team_and_nobody_else(lab: School) -> None:
    """D-09a."""
    await lab.pull()
    data = (await lab.house.data(TEAMS, lab.people[91]))["teams"]["nodes"]
    assert [(team["name"], team["memberCount"], team["pendingChanges"]) for team in data] == [("Red", 1, 0)]
    assert [member["username"] for member in data[0]["members"]] == ["p91"]
    answer = await lab.ask("syncTeams", "run { id }", lab.people[91], classId=gid(lab.ref))
    assert [error["__typename"] for error in answer["errors"]] == ["NotAllowedError"]


async def test_team_mates_are_named_where_the_operator_allows_it(lab: School, monkeypatch: pytest.MonkeyPatch) -> None:
    from settings import settings

    await lab.pull()
    monkeypatch.setenv("HOMEROOM_STUDENTS_SEE_TEAM", "true")
    settings.cache_clear()
    try:
        query = "{ teams { nodes { members { firstName username email docId facility { name } links { id } } } } }"
        data = await lab.house.data(query, lab.people[91])
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    mates = data["teams"]["nodes"][0]["members"]
    assert [mate["username"] for mate in mates] == ["p91", "", ""]
    assert mates[1]["facility"] is None
    assert mates[1]["links"] == []


async def _south(lab: School, *accounts: int) -> User:
    """The admin of a second facility, whose people these are."""
    south = await factories.facility(name="South")
    await User.filter(id__in=[lab.people[account].id for account in accounts]).update(facility_id=south.id)
    return await factories.user(role=Role.FACILITY_ADMIN, facility=south)


async def test_a_facility_admins_brake_counts_only_their_own_people(house: House) -> None:
    made = await school(house, 20)
    made.add_group("Red", list(range(91, 111)))
    warden = await _south(made, *range(91, 101))
    await made.pull()
    await made.put("Red", [91, 92], warden)
    plan = await made.plan(warden)
    assert plan["brake"] == "8 of 10 memberships would be removed."
    assert [change["keeps"] for change in plan["changes"]] == [2]
    assert (await made.plan())["brake"] == "8 of 20 memberships would be removed."


async def test_a_facility_admins_undo_counts_and_moves_only_their_own_people(lab: School) -> None:
    warden = await _south(lab, 92, 96, 97)
    await lab.pull()
    await lab.put("Red", [92, 96, 97], warden)
    answer = await lab.ask("pushGroupMemberships", "run { id }", warden, planId=(await lab.plan(warden))["id"])
    await lab.work()
    await User.filter(id=lab.people[97].id).update(facility_id=lab.facility.id)
    undo = await lab.ask("planUndo", PLAN, warden, runId=answer["run"]["id"])
    assert summary(undo["plan"]) == {"Red": ["-96"]}
    assert [change["keeps"] for change in undo["plan"]["changes"]] == [1]


async def test_a_facility_admins_pull_tells_them_of_their_own_people(house: House) -> None:
    made = await school(house, 20)
    made.add_group("Red", list(range(91, 111)))
    warden = await _south(made, 91, 92)
    run = await made.run("syncTeams", warden, classId=gid(made.ref))
    assert (run["created"], run["state"]) == (3, "SUCCEEDED")  # The team, and two of the twenty.
    for account in range(91, 98):
        made.world.leave(made.groups["Red"], account)
    run = await made.run("syncTeams", warden, classId=gid(made.ref))
    text = "So much would be removed that a department admin has to look at it and give a reason."
    assert (run["state"], run["message"], [issue["code"] for issue in run["issues"]]) == (
        "FAILED",
        text,
        ["OVERRIDE_REQUIRED"],
    )


async def test_a_facility_admin_follows_others_pulls_without_a_count_of_their_people(lab: School) -> None:
    warden = await _south(lab, 92)
    await unlink(lab, 95)
    await lab.pull()
    lab.world.join(lab.groups["Red"], 94)
    await lab.put("Blue", [])
    run = await lab.pull()
    assert (run["created"], run["skipped"], len(run["issues"])) == (0, 2, 2)
    query = f"query Q($id: ID!) {{ node(id: $id) {{ ... on SyncRun {{ {RUN[6:-2]} }} }} }}"
    seen = (await lab.house.data(query, warden, id=run["id"]))["node"]
    assert [seen[name] for name in ("created", "updated", "removed", "unchanged", "skipped")] == [0] * 5
    assert (seen["state"], seen["message"], seen["issues"]) == (run["state"], None, [])
    own = await lab.run("syncTeams", warden, classId=gid(lab.ref))
    assert {(issue["code"], issue["canvasUserId"]) for issue in own["issues"]} == {("UNLINKED_MEMBER", "95")}
    assert {issue["code"] for issue in run["issues"]} == {"UNLINKED_MEMBER", "CHANGED_ON_BOTH_SIDES"}


async def test_a_facility_admin_hears_nothing_of_others_pushes(lab: School) -> None:
    warden = await _south(lab, 92)
    await lab.pull()
    await lab.put("Red", [91])
    answer = await lab.ask("pushGroupMemberships", "run { id }", planId=(await lab.plan())["id"])
    await lab.work()
    context = await lab.house.context(warden)
    document = f'subscription {{ syncRunUpdated(id: "{answer["run"]["id"]}") {{ id state }} }}'
    heard = [one async for one in await schema.subscribe(document, context_value=context)]  # type: ignore[union-attr]
    assert [(one.data, [str(error) for error in one.errors or ()]) for one in heard] == [
        (None, ["There is no such run."])
    ]
    nodes = "query Q($id: ID!) { node(id: $id) { id } syncRuns { nodes { kind } } }"
    data = await lab.house.data(nodes, warden, id=answer["run"]["id"])
    assert data == {"node": None, "syncRuns": {"nodes": [{"kind": "PULL_TEAMS"}]}}
