"""Groups made, filled and joined without a plan."""

from __future__ import annotations

import pytest

from db.models import Team, User
from domain.enums import Role
from sandbox.behaviour import Fault
from services.teams import assign
from tests import factories
from tests.support.house import gid
from tests.support.school import School, gid_of, summary, unlink


async def test_manual_teams_become_canvas_groups_and_their_members_follow_by_plan(lab: School) -> None:
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref), userIds=[gid_of(lab.people[a]) for a in (91, 96)])  # fmt: skip
    run = await lab.run("publishTeams", classId=gid(lab.ref), canvasGroupSet="Projects", maxMembers=3)
    assert (run["state"], run["created"]) == ("SUCCEEDED", 1)
    row = await Team.get(name="Ours")
    lab.groups["Ours"] = int(row.canvas_group_id or 0)
    assert (row.source, row.canvas_set_name, lab.there("Ours")) == ("CANVAS", "Projects", [])
    plan = await lab.plan()
    assert summary(plan)["Ours"] == ["+91", "+96"]
    await lab.push(plan)
    assert (lab.there("Ours"), lab.there("Red")) == ([91, 96], [91, 92, 93])
    await lab.pull()
    assert await Team.filter(name="Ours").count() == 1
    assert await lab.here("Ours") == [91, 96]


@pytest.mark.parametrize("sync", [True, False])
async def test_canvas_spreads_the_unassigned_and_the_result_is_taken_over(lab: School, sync: bool) -> None:
    """G-10: sync=true only means to do it in this request; else Canvas's Progress is followed."""
    await lab.pull()
    run = await lab.run("assignUnassigned", classId=gid(lab.ref), canvasGroupSet="Lab teams", sync=sync)
    assert (run["state"], run["created"]) == ("SUCCEEDED", 3)
    assert sorted(await lab.here("Red") + await lab.here("Blue")) == list(range(91, 99))


async def test_single_people_are_put_in_by_account_or_by_address(lab: School) -> None:
    await lab.pull()
    stranger = await factories.user(username="mail", email="reed98@school.example", facility=lab.facility)
    await unlink(lab, 98)
    answer = await lab.ask(
        "inviteToGroup", "team { memberCount pendingChanges } invited { user { username } email outcome }",
        teamId=await lab.team("Red"), userIds=[gid_of(lab.people[96]), gid_of(stranger)],
    )  # fmt: skip
    assert answer["errors"] == []
    assert answer["invited"] == [
        {"user": {"username": "p96"}, "email": None, "outcome": "ADDED"},
        {"user": {"username": "mail"}, "email": "reed98@school.example", "outcome": "INVITED"},
    ]
    assert answer["team"] == {"memberCount": 4, "pendingChanges": 0}
    assert lab.there("Red") == [91, 92, 93, 96, 98]


async def test_a_team_whose_people_are_in_the_set_already_is_not_published(lab: School) -> None:
    """D-06: one team per person and group set; no group is made for it, and the next one is."""
    await lab.pull()
    for name, accounts in (("Ours", (91, 96)), ("Theirs", (97,))):
        people = [gid_of(lab.people[account]) for account in accounts]
        await lab.ask("createTeam", "team { id }", name=name, classId=gid(lab.ref), userIds=people)
    run = await lab.run("publishTeams", classId=gid(lab.ref), canvasGroupSet="Lab teams")
    assert (run["state"], run["created"], run["skipped"]) == ("SUCCEEDED_WITH_WARNINGS", 1, 1)
    assert [(issue["code"], issue["team"]) for issue in run["issues"]] == [("NOT_PUBLISHED", {"name": "Ours"})]
    assert (await Team.get(name="Ours")).source == "NATIVE"
    assert await lab.here("Ours") == [91, 96]
    made = {group.name for group in lab.world.groups.values()}
    assert made == {"Red", "Blue", "Theirs"}


async def test_publishing_assigns_nobody_by_accident(lab: School) -> None:
    """Canvas would fill new groups with those who have none, were it asked for groups in a careless way."""
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref), userIds=[gid_of(lab.people[91])])
    await lab.run("publishTeams", classId=gid(lab.ref), canvasGroupSet="Projects", maxMembers=2)
    (made,) = [group for group in lab.world.groups.values() if group.name == "Ours"]
    assert (lab.world.live_members(made.id), made.max_membership) == ([], 2)
    await lab.put("Ours", [91, 96, 97])
    assert summary(await lab.plan())["Ours"] == ["+91", "+96", "97 GROUP_FULL"]


async def test_a_published_set_is_found_again_after_an_attempt_that_died(lab: School) -> None:
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref))
    left_behind = lab.add_group("Ours", [], group_set="Projects")
    await lab.run("publishTeams", classId=gid(lab.ref), canvasGroupSet="Projects")
    assert (await Team.get(name="Ours")).canvas_group_id == str(left_behind)
    assert len([group for group in lab.world.groups.values() if group.name == "Ours"]) == 1


async def test_a_name_that_canvas_keeps_for_itself_ends_the_run(lab: School) -> None:
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref))
    run = await lab.run("publishTeams", classId=gid(lab.ref), canvasGroupSet="Student Groups")
    text = "Canvas does not take “Student Groups” as the name of a group set."
    assert (run["state"], run["message"], [issue["code"] for issue in run["issues"]]) == (
        "FAILED",
        text,
        ["NAME_TAKEN"],
    )


async def test_canvas_that_never_ends_assigning_ends_the_run(lab: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assign, "LONGEST", 0.5)
    lab.house.sandboxes[lab.provider.id].state.behaviour.faults = [
        Fault(
            kind="body", path="/progress/", status=200, body='{"id": 1, "workflow_state": "running", "completion": 40}'
        )
    ]
    run = await lab.run("assignUnassigned", classId=gid(lab.ref), canvasGroupSet="Lab teams", sync=False)
    text = "Canvas is still assigning. Pull this class later."
    assert (run["state"], run["message"], run["current"], run["total"]) == ("FAILED", text, 40, 100)


async def test_nobody_is_invited_who_may_not_be_in_a_team(lab: School) -> None:
    """Refused before Canvas is written to."""
    await lab.pull()
    teacher = await factories.user(role=Role.FACILITY_ADMIN, facility=lab.facility)
    await factories.link(provider=lab.provider, user=teacher, external_user_id="500")
    await User.filter(id=lab.people[96].id).update(deactivated_at=lab.house.clock.now)
    lab.house.forget_calls()
    for person in (teacher, lab.people[96]):
        answer = await lab.ask(
            "inviteToGroup",
            "invited { outcome }",
            teamId=await lab.team("Red"),
            userIds=[gid_of(lab.people[97]), gid_of(person)],
        )
        assert [error["__typename"] for error in answer["errors"]] == ["NotAStudentError"]
    assert lab.house.calls(lab.provider) == []


async def test_a_full_group_and_an_address_of_nobody_are_told(lab: School) -> None:
    lab.world.groups[lab.groups["Red"]].max_membership = 3
    await lab.pull()
    person = await factories.user(username="bare", facility=lab.facility)
    answer = await lab.ask(
        "inviteToGroup", "invited { user { username } outcome }",
        teamId=await lab.team("Red"), userIds=[gid_of(lab.people[96]), gid_of(person)],
    )  # fmt: skip
    assert [(one["user"]["username"], one["outcome"]) for one in answer["invited"]] == [
        ("p96", "REFUSED"),
        ("bare", "NO_ADDRESS"),
    ]
    assert await lab.here("Red") == [91, 92, 93]
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=lab.facility)
    for given in ({"emails": ["a@school.example"]}, {"emails": ["nonsense"]}, {}):
        refused = await lab.ask("inviteToGroup", "invited { outcome }", warden, teamId=await lab.team("Red"), **given)
        kind = "NotAllowedError" if given == {"emails": ["a@school.example"]} else "InvalidInputError"
        assert [error["__typename"] for error in refused["errors"]] == [kind]


async def test_what_was_done_before_canvas_went_away_is_kept_and_told(lab: School) -> None:
    await lab.pull()
    lab.house.sandboxes[lab.provider.id].state.behaviour.faults = [
        Fault(kind="status", path="memberships", method="POST", skip=1)
    ]
    given = {"teamId": await lab.team("Red"), "userIds": [gid_of(lab.people[account]) for account in (96, 97)]}
    answer = await lab.ask("inviteToGroup", "invited { user { username } outcome }", **given)
    assert [(one["user"]["username"], one["outcome"]) for one in answer["invited"]] == [
        ("p96", "ADDED"),
        ("p97", "FAILED"),
    ]
    assert await lab.here("Red") == [91, 92, 93, 96]
    refused = await lab.ask("inviteToGroup", "invited { outcome }", **given | {"userIds": [gid_of(lab.people[97])]})
    assert [error["__typename"] for error in refused["errors"]] == ["UpstreamUnavailableError"]
