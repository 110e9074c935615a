"""Teams from a Canvas, through the schema: pull, edit, plan, push."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, SyncRun, Team, TeamMembership, User
from domain.enums import Role
from domain.refs import CanvasClassRef, NativeClassRef, ProviderRef, PushPlanRef, SyncRunRef, TeamRef
from sandbox.behaviour import Fault
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid
from tests.support.school import PLAN, RUN, School, gid_of, school, summary


@pytest.fixture
async def lab(house: House) -> School:
    """Two groups of one set: Red with 91, 92, 93 and Blue with 94, 95; 96 to 98 in none."""
    made = await school(house)
    made.add_group("Red", [91, 92, 93])
    made.add_group("Blue", [94, 95])
    return made


TEAMS = """{ teams { totalCount nodes { name source canvasGroupId canvasGroupSet class { name } memberCount pendingChanges
  lastSyncedAt members { username team { name } teamSource } } } }"""


async def test_groups_become_teams_with_their_members(lab: School) -> None:
    """G-01, G-03, G-09."""
    run = await lab.pull()
    assert (run["state"], run["created"], run["removed"]) == ("SUCCEEDED", 7, 0)
    data = (await lab.house.data(TEAMS, lab.admin))["teams"]
    assert data["totalCount"] == 2
    blue, red = data["nodes"]
    assert (red["name"], red["source"], red["canvasGroupId"]) == ("Red", "CANVAS", str(lab.groups["Red"]))
    assert (red["canvasGroupSet"], red["class"]["name"], red["memberCount"]) == ("Lab teams", "Welding", 3)
    assert red["lastSyncedAt"] == "2026-03-02T18:00:00+00:00"
    assert [member["username"] for member in blue["members"]] == ["p94", "p95"]
    assert blue["members"][0]["team"] == {"name": "Blue"}
    assert blue["members"][0]["teamSource"] == "CANVAS"


async def test_a_second_pull_writes_nothing_and_costs_one_request(lab: School) -> None:
    await lab.pull()
    before = await AuditEntry.filter(object_type="Team").count()
    rows = await TeamMembership.all().count()
    lab.house.forget_calls()
    run = await lab.pull()
    assert (run["created"], run["updated"], run["removed"], run["unchanged"]) == (0, 0, 0, 5)
    assert await AuditEntry.filter(object_type="Team").count() == before
    assert await TeamMembership.all().count() == rows
    assert lab.house.calls(lab.provider) == [("POST", "/api/graphql")]


async def test_what_changed_in_canvas_changes_here_and_is_told(lab: School) -> None:
    """G-06: old → new; somebody who moved is in the new team, somebody who left all groups in none."""
    await lab.pull()
    lab.world.join(lab.groups["Blue"], 93)
    lab.world.leave(lab.groups["Red"], 92)
    lab.world.join(lab.groups["Red"], 96)
    run = await lab.pull()
    assert (run["created"], run["updated"], run["removed"], run["unchanged"]) == (1, 1, 1, 3)
    assert (await lab.here("Red"), await lab.here("Blue")) == ([91, 96], [93, 94, 95])
    history = await TeamMembership.filter(user_id=lab.people[92].id)
    assert [row.until is None for row in history] == [False]
    red = await Team.get(name="Red")
    entry = await AuditEntry.filter(object_type="Team", object_key=f"native:{red.id}").order_by("-id").first()
    ids = {account: person.id for account, person in lab.people.items()}
    assert entry is not None
    assert entry.before == {"members": [ids[91], ids[92], ids[93]]}
    assert entry.after == {"members": [ids[91], ids[96]]}


async def test_teams_made_by_hand_are_never_touched(lab: School) -> None:
    """G-07."""
    course = gid(lab.ref)
    made = await lab.ask(
        "createTeam", "team { name source class { name } memberCount }", name="Ours", classId=course,
        userIds=[gid_of(lab.people[91]), gid_of(lab.people[96])],
    )  # fmt: skip
    assert made["team"] == {"name": "Ours", "source": "NATIVE", "class": {"name": "Welding"}, "memberCount": 2}
    row = await Team.get(name="Ours")
    await lab.pull(removeStale=True, override="because")
    await row.refresh_from_db()
    assert (await lab.here("Ours"), row.deleted_at, row.last_synced_at) == ([91, 96], None, None)


async def test_a_course_without_groups_says_so(house: House) -> None:
    """G-07: no call for groups or members where there are no sets."""
    made = await school(house, 1)
    query = "query Q($id: ID!) { class(id: $id) { ... on CanvasClass { groupsState groupsMessage teams { name } } } }"
    before = (await house.data(query, made.admin, id=gid(made.ref)))["class"]
    assert before == {"groupsState": "UNKNOWN", "groupsMessage": None, "teams": []}
    run = await made.pull()
    text = "No Canvas groups found — please create Teams manually."
    assert (run["state"], run["message"]) == ("SUCCEEDED", text)
    after = (await house.data(query, made.admin, id=gid(made.ref)))["class"]
    assert after == {"groupsState": "NO_GROUPS", "groupsMessage": text, "teams": []}


async def test_unlinked_members_are_issues_or_people_when_asked(house: House) -> None:
    """D-07, G-05: names from the sortable name, no invented e-mail; teachers are never made."""
    made = await school(house, 3, linked=1)
    made.world.add_user("Pat Ortiz", id=55)
    made.world.enrol(4821, 55, type="TeacherEnrollment")
    made.add_group("Red", [91, 92, 55])
    run = await made.pull()
    assert run["state"] == "SUCCEEDED_WITH_WARNINGS"
    assert [(i["code"], i["canvasUserId"]) for i in run["issues"]] == [
        ("UNLINKED_MEMBER", "55"),
        ("UNLINKED_MEMBER", "92"),
    ]
    run = await made.pull(createMissing=True)
    assert [(i["code"], i["canvasUserId"]) for i in run["issues"]] == [("UNLINKED_MEMBER", "55")]
    person = await User.get(username="reed92")
    assert (person.first_name, person.last_name, person.email, person.role) == ("Student1", "Reed", None, Role.STUDENT)
    assert await TeamMembership.filter(user_id=person.id, until=None).count() == 1


async def test_names_and_descriptions_are_cut_between_characters(house: House) -> None:
    made = await school(house, 1)
    made.house.sandboxes[made.provider.id].state.behaviour.has_graphql_courses = False
    made.add_group("é" * 120, [91], description="d" * 600)
    made.add_group("None", [], description=None)
    await made.pull()
    rows = await Team.all().order_by("id")
    assert [(len(row.name), len(row.description or "")) for row in rows] == [(100, 500), (4, 0)]


async def test_tags_stay_out_and_student_organised_sets_come_when_asked(lab: School) -> None:
    tag = lab.world.add_group_set(4821, "Tag", non_collaborative=True)
    lab.world.add_group(tag.id, "Extra time", members=[91])
    clubs = lab.world.add_group_set(4821, "Clubs", role="student_organized")
    lab.world.add_group(clubs.id, "Chess", members=[91])
    lab.world.add_group(clubs.id, "Go", members=[91, 92])
    await lab.pull()
    assert await Team.all().count() == 2
    await lab.pull(includeStudentOrganized=True)
    assert {row.name for row in await Team.all()} == {"Red", "Blue", "Chess", "Go"}
    assert (await lab.here("Chess"), await lab.here("Go")) == ([91], [91, 92])
    run = await lab.pull()
    assert run["issues"] == []
    assert await Team.filter(gone_at=None).count() == 4


async def test_a_vanished_group_stays_marked_until_it_may_be_removed(lab: School) -> None:
    """G-08, D-08."""
    await lab.pull()
    lab.world.delete_group(lab.groups["Blue"])
    run = await lab.pull()
    assert [(issue["code"], issue["team"]) for issue in run["issues"]] == [("GROUP_VANISHED", {"name": "Blue"})]
    assert await lab.here("Blue") == [94, 95]
    run = await lab.pull(removeStale=True)
    assert (run["state"], run["removed"]) == ("SUCCEEDED", 3)
    blue = await Team.get(name="Blue")
    assert blue.deleted_at is not None
    assert await TeamMembership.filter(team_id=blue.id, until=None).count() == 0


async def test_hidden_members_add_nothing_and_remove_nothing(lab: School) -> None:
    """D-08: a partial read never removes."""
    await lab.pull()
    lab.house.sandboxes[lab.provider.id].state.behaviour.deny(4821, "read_roster")
    run = await lab.pull(removeStale=True)
    assert {issue["code"] for issue in run["issues"]} == {"MEMBERS_HIDDEN"}
    assert (await lab.here("Red"), await lab.here("Blue")) == ([91, 92, 93], [94, 95])


async def test_too_many_removals_stop_before_the_first_write(house: House) -> None:
    """D-08: more than max(5, 20 %); an override needs a reason and a department admin."""
    made = await school(house, 20)
    made.add_group("Red", list(range(91, 101)))
    made.add_group("Blue", list(range(101, 111)))
    await made.pull()
    for account in range(95, 101):
        made.world.leave(made.groups["Red"], account)
    made.world.rename_group(made.groups["Blue"], "Green")
    run = await made.pull()
    assert (run["state"], run["removed"]) == ("FAILED", 0)
    assert run["message"] == "6 of 20 memberships would be removed. Give a reason to do it all the same."
    assert len(await made.here("Red")) == 10
    assert await Team.filter(name="Green").count() == 0
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=made.facility)
    answer = await made.ask("syncTeams", RUN, warden, classId=gid(made.ref), override="x")
    assert [error["__typename"] for error in answer["errors"]] == ["NotAllowedError"]
    run = await made.pull(override="They finished.")
    assert (run["state"], run["removed"]) == ("SUCCEEDED", 6)


async def test_an_empty_answer_where_five_were_stops_the_run(house: House) -> None:
    """D-08."""
    made = await school(house, 5)
    made.add_group("Red", [91, 92, 93, 94, 95])
    await made.pull()
    for account in range(91, 96):
        made.world.leave(made.groups["Red"], account)
    run = await made.pull()
    assert run["state"] == "FAILED"
    assert run["message"].startswith("“Red” had 5 members, and Canvas answers that nobody is in it.")


async def test_one_course_that_fails_stops_nothing_else(house: House) -> None:
    world = World()
    for n in (1, 2, 3):
        world.add_course(f"Course {n}", id=n)
        world.add_user(f"Student {n}", id=90 + n)
        world.enrol(n, 90 + n)
        world.add_group(world.add_group_set(n, "Teams").id, f"Team {n}", members=[90 + n])
    provider = await house.canvas(world)
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    house.sandboxes[provider.id].state.behaviour.deny(2)
    made = School(house, world, provider, admin, await factories.facility())
    run = await made.run("syncTeams", providerId=gid(ProviderRef(provider.id)))
    assert run["state"] == "SUCCEEDED_WITH_WARNINGS"
    assert ("COURSE_UNREADABLE", None) in [(issue["code"], issue["team"]) for issue in run["issues"]]
    assert {row.name for row in await Team.all()} == {"Team 1", "Team 3"}


async def test_local_edits_wait_survive_a_pull_and_are_pushed(lab: School) -> None:
    """G-11, D-06: plan → push → pull → plan is empty."""
    await lab.pull()
    answer = await lab.put("Red", [91, 92, 94, 96])
    assert (answer["errors"], answer["team"]) == ([], {"pendingChanges": 3})
    run = await lab.pull()
    assert (run["created"], run["updated"], run["removed"], run["issues"]) == (0, 0, 0, [])
    assert (await lab.here("Red"), await lab.here("Blue")) == ([91, 92, 94, 96], [95])
    plan = await lab.plan()
    assert summary(plan) == {"Blue": [], "Red": ["+96", "-93", "94 from Blue"]}
    assert (plan["requiresOverride"], plan["expiresAt"]) == (False, "2026-03-02T18:30:00+00:00")
    assert (lab.there("Red"), lab.there("Blue")) == ([91, 92, 93], [94, 95])
    lab.house.forget_calls()
    run = await lab.push(plan)
    assert (run["state"], run["created"], run["updated"], run["removed"]) == ("SUCCEEDED", 1, 1, 1)
    assert (lab.there("Red"), lab.there("Blue")) == ([91, 92, 94, 96], [95])
    group = f"/api/v1/groups/{lab.groups['Red']}"
    writes = [call for call in lab.house.calls(lab.provider) if call[0] != "GET" and call[1] != "/api/graphql"]
    assert sorted(writes) == [
        ("DELETE", f"{group}/users/93"),
        ("POST", f"{group}/memberships"),
        ("POST", f"{group}/memberships"),
    ]
    run = await lab.pull()
    assert (run["created"], run["updated"], run["removed"]) == (0, 0, 0)
    assert summary(await lab.plan()) == {"Blue": [], "Red": []}


async def test_a_plan_that_changes_nothing_sends_nothing(lab: School) -> None:
    await lab.pull()
    plan = await lab.plan()
    lab.house.forget_calls()
    run = await lab.push(plan)
    assert (run["state"], run["unchanged"]) == ("SUCCEEDED", 5)
    assert lab.house.calls(lab.provider) == []


async def test_what_canvas_would_drop_or_refuse_is_skipped_with_reasons(lab: School) -> None:
    lab.world.groups[lab.groups["Blue"]].max_membership = 3
    await lab.pull()
    outsider = await factories.user(username="out", facility=lab.facility)
    await factories.link(provider=lab.provider, user=outsider, external_user_id="500")
    lab.people[500] = outsider
    lab.people[501] = await factories.user(username="nolink", facility=lab.facility)
    await lab.put("Blue", [94, 95, 96, 97, 500, 501])
    assert summary(await lab.plan()) == {
        "Blue": ["+96", "97 GROUP_FULL", "500 NOT_ENROLLED", "None NOT_LINKED"], "Red": [],
    }  # fmt: skip


async def test_an_edit_in_canvas_since_the_pull_is_not_overwritten(lab: School) -> None:
    await lab.pull()
    lab.world.leave(lab.groups["Red"], 91)
    lab.world.join(lab.groups["Red"], 97)
    await lab.put("Red", [91, 92])
    plan = await lab.plan()
    assert summary(plan) == {"Blue": [], "Red": ["-93", "91 CHANGED_IN_CANVAS"]}
    await lab.push(plan)
    assert lab.there("Red") == [92, 97]


async def test_a_group_that_changed_after_the_plan_is_refused_by_team(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    plan = await lab.plan()
    lab.world.join(lab.groups["Red"], 98)
    answer = await lab.ask("pushGroupMemberships", "run { id }", planId=plan["id"])
    assert answer["run"] is None
    assert [(e["__typename"], e["team"]) for e in answer["errors"]] == [("PlanStaleError", {"name": "Red"})]
    assert lab.there("Red") == [91, 92, 93, 98]


async def test_a_plan_expires_and_is_pushed_once(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    old, plan = await lab.plan(), await lab.plan()
    await lab.push(plan)
    again = await lab.ask("pushGroupMemberships", "run { id }", planId=plan["id"])
    assert [error["__typename"] for error in again["errors"]] == ["ConflictError"]
    lab.house.clock.pass_(minutes=30)
    late = await lab.ask("pushGroupMemberships", "run { id }", planId=old["id"])
    assert [error["__typename"] for error in late["errors"]] == ["PlanExpiredError"]


async def test_a_push_that_removes_too_many_asks_for_an_override(house: House) -> None:
    made = await school(house, 12)
    made.add_group("Red", list(range(91, 103)))
    await made.pull()
    await made.put("Red", [91, 92])
    plan = await made.plan()
    assert (plan["requiresOverride"], plan["brake"]) == (True, "10 of 12 memberships would be removed.")
    refused = await made.ask("pushGroupMemberships", "run { id }", planId=plan["id"])
    assert [error["__typename"] for error in refused["errors"]] == ["OverrideRequiredError"]
    assert len(made.there("Red")) == 12
    house.forget_calls()
    run = await made.push(plan, override="The lab closes.")
    assert (run["state"], run["removed"], made.there("Red")) == ("SUCCEEDED", 10, [91, 92])
    writes = [call for call in house.calls(made.provider) if call[0] in ("PUT", "DELETE")]
    assert writes == [("PUT", f"/api/v1/groups/{made.groups['Red']}")]


async def test_a_push_can_be_taken_back(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92, 94, 96])
    answer = await lab.ask("pushGroupMemberships", "run { id }", planId=(await lab.plan())["id"])
    await lab.work()
    assert lab.there("Red") == [91, 92, 94, 96]
    undo = await lab.ask("planUndo", "plan { id changes { team { name } } }", runId=answer["run"]["id"])
    await lab.push(undo["plan"])
    assert (lab.there("Red"), lab.there("Blue")) == ([91, 92, 93], [94, 95])


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
    await models_unlink(lab, 98)
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


async def models_unlink(lab: School, account: int) -> None:
    from db.models import ProviderLink

    await ProviderLink.filter(external_user_id=str(account)).update(unlinked_at=lab.house.clock.now)


async def test_a_second_caller_joins_the_run(lab: School) -> None:
    first = await lab.ask("syncTeams", "run { id }", classId=gid(lab.ref))
    second = await lab.ask("syncTeams", "run { id }", classId=gid(lab.ref))
    assert first["run"] == second["run"]
    await lab.work()
    assert await SyncRun.all().count() == 1


async def test_permission_lost_between_plan_and_push_is_told(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    plan = await lab.plan()
    lab.house.sandboxes[lab.provider.id].state.behaviour.faults = [
        Fault(kind="body", method="DELETE", path="groups/", status=403, body='{"status":"unauthorized"}')
    ]
    run = await lab.push(plan)
    assert (run["state"], run["removed"], run["skipped"]) == ("SUCCEEDED_WITH_WARNINGS", 0, 1)
    assert [(issue["code"], issue["canvasUserId"]) for issue in run["issues"]] == [("REFUSED", "93")]
    assert summary(await lab.plan())["Red"] == ["-93"]


async def test_a_group_deleted_meanwhile_is_told_and_the_others_are_written(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    await lab.put("Blue", [94, 95, 96])
    plan = await lab.plan()
    answer = await lab.ask("pushGroupMemberships", "run { id }", planId=plan["id"])
    lab.world.delete_group(lab.groups["Blue"])
    await lab.work()
    run = await SyncRun.get(kind="PUSH_MEMBERSHIPS")
    assert (answer["errors"], run.state, run.removed, run.skipped) == ([], "SUCCEEDED_WITH_WARNINGS", 1, 1)
    assert lab.there("Red") == [91, 92]


async def test_two_pushes_at_once_lose_nothing(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    one = await lab.plan()
    await lab.put("Red", [91, 92, 97])
    two = await lab.plan()
    for plan in (one, two):
        assert (await lab.ask("pushGroupMemberships", "run { id }", planId=plan["id"]))["errors"] == []
    await lab.work()
    states = [row.state for row in await SyncRun.filter(kind="PUSH_MEMBERSHIPS").order_by("id")]
    assert states == ["SUCCEEDED", "SUCCEEDED"]
    assert lab.there("Red") == [91, 92, 97]


async def test_names_taken_and_canvas_names_are_typed_errors(lab: School) -> None:
    await lab.pull()
    await lab.ask("createTeam", "team { id }", name="Ours", classId=gid(lab.ref))
    taken = await lab.ask("createTeam", "team { id }", name=" OURS", classId=gid(lab.ref))
    assert [error["__typename"] for error in taken["errors"]] == ["NameTakenError"]
    renamed = await lab.ask("updateTeam", "team { id }", id=await lab.team("Red"), name="New")
    assert [error["__typename"] for error in renamed["errors"]] == ["ReadOnlyError"]
    deleted = await lab.ask("deleteTeam", "id", id=await lab.team("Red"))
    assert [error["__typename"] for error in deleted["errors"]] == ["ReadOnlyError"]
    changed = await lab.ask(
        "updateTeam", "team { name description }", id=await lab.team("Ours"), name="Mine", description="d"
    )
    assert changed["team"] == {"name": "Mine", "description": "d"}
    gone = await lab.ask("deleteTeam", "id", id=await lab.team("Mine"))
    assert gone["errors"] == []


async def test_people_of_another_section_are_not_sent_to_a_set_that_is_limited_to_sections(lab: School) -> None:
    other = lab.world.add_section(4821, "B").id
    lab.world.add_user("Sam Reed", id=400)
    lab.world.enrol(4821, 400, section_id=other)
    lab.people[400] = await factories.user(username="p400", facility=lab.facility)
    await factories.link(provider=lab.provider, user=lab.people[400], external_user_id="400")
    lab.world.categories[lab.sets["Lab teams"]].self_signup = "restricted"
    await lab.pull()
    await lab.put("Blue", [94, 95, 96, 400])
    assert summary(await lab.plan())["Blue"] == ["+96", "400 OTHER_SECTION"]


async def test_a_plan_of_some_teams_leaves_those_who_move_elsewhere(lab: School) -> None:
    await lab.pull()
    await lab.put("Blue", [93, 94, 95])
    answer = await lab.ask("planGroupMemberships", PLAN, teamIds=[await lab.team("Red")])
    assert summary(answer["plan"]) == {"Red": ["93 NOT_IN_PLAN"]}
    answer = await lab.ask("planGroupMemberships", PLAN, teamIds=[await lab.team("Blue")])
    assert summary(answer["plan"]) == {"Blue": ["93 from Red"]}


async def test_an_account_that_is_somebody_elses_now_is_left_alone(lab: School) -> None:
    await lab.pull()
    await lab.put("Red", [91, 92])
    await models_unlink(lab, 93)
    other = await factories.user(facility=lab.facility)
    await factories.link(provider=lab.provider, user=other, external_user_id="93")
    plan = await lab.plan()
    assert summary(plan)["Red"] == ["93 LINK_CHANGED"]
    run = await lab.push(plan)
    assert (run["removed"], lab.there("Red")) == (0, [91, 92, 93])


async def test_ids_that_are_not_ours_are_typed_errors(lab: School) -> None:
    native = await factories.school_class()
    for mutation, fields, given in (
        ("syncTeams", "run { id }", {}),
        ("syncTeams", "run { id }", {"classId": gid(NativeClassRef(native.id))}),
        ("planGroupMemberships", "plan { id }", {"classId": gid(NativeClassRef(native.id))}),
        ("publishTeams", "run { id }", {"classId": gid(lab.ref), "canvasGroupSet": "Projects"}),
    ):
        answer = await lab.ask(mutation, fields, **given)
        assert [error["__typename"] for error in answer["errors"]] == ["InvalidInputError"]
    for mutation, fields, given in (
        ("syncTeams", "run { id }", {"classId": gid(CanvasClassRef(lab.provider.id, "99"))}),
        ("syncTeams", "run { id }", {"classId": "nonsense"}),
        ("pushGroupMemberships", "run { id }", {"planId": gid(PushPlanRef(99))}),
        ("planUndo", "plan { id }", {"runId": gid(SyncRunRef(99))}),
        ("cancelSyncRun", "run { id }", {"id": gid(SyncRunRef(99))}),
        ("assignUnassigned", "run { id }", {"classId": gid(lab.ref), "canvasGroupSet": "None"}),
        ("deleteTeam", "id", {"id": gid(TeamRef(99))}),
    ):
        answer = await lab.ask(mutation, fields, **given)
        assert [error["__typename"] for error in answer["errors"]] == ["NotFoundError"]


async def test_a_canvas_that_is_down_is_an_error_of_the_mutation(lab: School) -> None:
    await lab.pull()
    lab.house.hosts.apps.clear()
    answer = await lab.ask("planGroupMemberships", "plan { id }", classId=gid(lab.ref))
    assert [error["__typename"] for error in answer["errors"]] == ["UpstreamUnavailableError"]
    run = await lab.pull()
    assert run["state"] == "FAILED"
    assert await lab.here("Red") == [91, 92, 93]


async def test_runs_are_listed_newest_first_and_followed_by_id(lab: School) -> None:
    first, second = await lab.pull(), await lab.pull()
    query = (
        "query Q($id: ID) { syncRuns(classId: $id) { totalCount nodes { id kind class { name } requestedBy { id } } } }"
    )
    data = (await lab.house.data(query, lab.admin, id=gid(lab.ref)))["syncRuns"]
    assert [row["id"] for row in data["nodes"]] == [second["id"], first["id"]]
    assert data["nodes"][0]["class"] == {"name": "Welding"}
    assert (await lab.house.data(query, lab.people[91], id=None))["syncRuns"]["totalCount"] == 0
