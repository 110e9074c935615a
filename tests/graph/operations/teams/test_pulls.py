"""Canvas groups in: what a pull takes over, what it leaves, and where it stops."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, Team, TeamMembership, User
from domain.enums import Role
from domain.problems import Conflict
from domain.refs import ProviderRef
from sandbox.behaviour import Fault
from sandbox.world import World
from services.run import Run
from services.teams import newcomers
from services.teams.course_state import cut
from tests import factories
from tests.support.house import House, gid
from tests.support.school import RUN, TEAMS, School, school


async def test_groups_become_teams_with_their_members(lab: School) -> None:
    """G-01, G-03, G-09."""
    run = await lab.pull()
    assert (run["state"], run["created"], run["removed"]) == ("SUCCEEDED", 7, 0)
    assert (run["step"], run["current"], run["total"]) == ("saving_groups", 2, 2)
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
    assert (run["step"], run["current"], run["total"]) == ("syncing_members", 2, 2)
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


async def test_a_course_without_groups_says_so(house: House) -> None:
    """G-07: no call for groups or members where there are no sets."""
    made = await school(house, 1)
    query = "query Q($id: ID!) { class(id: $id) { ... on CanvasClass { groupsState groupsMessage teams { name } } } }"
    before = (await house.data(query, made.admin, id=gid(made.ref)))["class"]
    assert before == {"groupsState": "UNKNOWN", "groupsMessage": None, "teams": []}
    run = await made.pull()
    text = "No Canvas groups found — please create Teams manually."
    assert (run["state"], run["message"]) == ("SUCCEEDED", text)
    assert (run["step"], run["current"], run["total"]) == ("fetching_groups", 1, 1)
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


async def test_somebody_who_cannot_be_linked_is_not_made_either(house: House) -> None:
    """Person and link are one step: nobody is half made."""
    made = await school(house, 2, linked=1)
    made.add_group("Red", [91, 92])
    made.provider.facility_limited = True
    await made.provider.save()
    await factories.provider_facility(provider=made.provider, facility=made.facility)
    run = await made.pull(createMissing=True)
    assert [(i["code"], i["canvasUserId"]) for i in run["issues"]] == [("NOT_CREATED", "92"), ("UNLINKED_MEMBER", "92")]
    assert await User.filter(username="reed92").count() == 0


async def test_names_and_descriptions_are_cut_between_characters(house: House) -> None:
    made = await school(house, 1)
    made.house.sandboxes[made.provider.id].state.behaviour.has_graphql_courses = False
    made.add_group("é" * 120, [91], description="d" * 600)
    made.add_group("None", [], description=None)
    await made.pull()
    rows = await Team.all().order_by("id")
    assert [(len(row.name), len(row.description or "")) for row in rows] == [(100, 500), (4, 0)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a" * 99 + "e\u0301", "a" * 99),
        ("a" * 98 + "e\u0301" + "b", "a" * 98 + "e\u0301"),
        ("a" * 98 + "\U0001f469\u200d\U0001f467", "a" * 98),
        ("a" * 99 + "\U0001f44d\U0001f3fd", "a" * 99),
        ("\u0301" * 101, "\u0301" * 100),
        ("a" * 100, "a" * 100),
        (None, None),
    ],
)
def test_what_a_reader_takes_for_one_character_is_not_split(name: str | None, kept: str | None) -> None:
    assert cut(name, 100) == kept


async def test_a_link_that_fails_leaves_no_person_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process that is killed between the two: the next pull makes both."""
    made = await school(house, 2, linked=1)
    made.add_group("Red", [91, 92])

    async def broken(*_: object) -> None:
        raise Conflict("Not now.")

    with monkeypatch.context() as patched:
        patched.setattr(newcomers, "insert_link", broken)
        run = await made.pull(createMissing=True)
    assert [issue["code"] for issue in run["issues"]] == ["NOT_CREATED", "UNLINKED_MEMBER"]
    assert await User.filter(username="reed92").count() == 0
    run = await made.pull(createMissing=True)
    assert (run["state"], await User.filter(username="reed92").count()) == ("SUCCEEDED", 1)


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


async def test_a_group_that_fails_stops_no_other(lab: School) -> None:
    """By REST, group by group: Red cannot be read, Blue can."""
    behaviour = lab.house.sandboxes[lab.provider.id].state.behaviour
    behaviour.has_graphql_courses = False
    await lab.pull()
    lab.world.leave(lab.groups["Red"], 91)
    lab.world.leave(lab.groups["Blue"], 94)
    behaviour.faults = [Fault(kind="status", path=f"groups/{lab.groups['Red']}/memberships")]
    run = await lab.pull(removeStale=True)
    assert (run["state"], run["removed"]) == ("SUCCEEDED_WITH_WARNINGS", 1)
    assert [(issue["code"], issue["team"]) for issue in run["issues"]] == [("MEMBERS_HIDDEN", {"name": "Red"})]
    assert (await lab.here("Red"), await lab.here("Blue")) == ([91, 92, 93], [95])


async def test_the_steps_of_a_pull_are_told_in_their_order(lab: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """G-04."""
    steps: list[str] = []
    step = Run.step

    async def noted(run: Run, name: str, total: int | None = None, message: str | None = None) -> None:
        steps.append(name)
        await step(run, name, total, message)

    monkeypatch.setattr(Run, "step", noted)
    await lab.pull(createMissing=True)
    assert steps == ["syncing_groups", "fetching_groups", "creating_people", "saving_groups"]
    steps.clear()
    lab.world.join(lab.groups["Red"], 96)
    await lab.pull()
    assert steps == ["syncing_groups", "fetching_groups", "syncing_members"]


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


@pytest.mark.parametrize(
    ("teams", "message"),
    [(5, "A class had 5 teams, and Canvas answers that it has no groups."), (6, "6 of 6 teams would be deleted.")],
)
async def test_teams_do_not_vanish_with_a_group_set_that_canvas_no_longer_shows(
    house: House, teams: int, message: str
) -> None:
    """D-08: an empty answer, as after the loss of a permission, deletes nothing without a reason."""
    made = await school(house, 1)
    for number in range(teams):
        made.add_group(f"Team {number}", [])
    await made.pull()
    for id in made.groups.values():
        made.world.delete_group(id)
    run = await made.pull(removeStale=True)
    assert (run["state"], run["message"]) == ("FAILED", f"{message} Give a reason to do it all the same.")
    assert await Team.filter(deleted_at=None, gone_at=None).count() == teams
    run = await made.pull(removeStale=True, override="The set was deleted.")
    assert (run["state"], run["removed"]) == ("SUCCEEDED", teams)


async def _three_courses(house: House) -> School:
    """Of one student in one group each."""
    world = World()
    for n in (1, 2, 3):
        world.add_course(f"Course {n}", id=n)
        world.add_user(f"Student {n}", id=90 + n)
        world.enrol(n, 90 + n)
        world.add_group(world.add_group_set(n, "Teams").id, f"Team {n}", members=[90 + n])
    provider = await house.canvas(world)
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    return School(house, world, provider, admin, await factories.facility())


async def test_one_course_that_fails_stops_nothing_else(house: House) -> None:
    made = await _three_courses(house)
    house.sandboxes[made.provider.id].state.behaviour.deny(2)
    run = await made.run("syncTeams", providerId=gid(ProviderRef(made.provider.id)))
    assert run["state"] == "SUCCEEDED_WITH_WARNINGS"
    assert ("COURSE_UNREADABLE", None) in [(issue["code"], issue["team"]) for issue in run["issues"]]
    assert {row.name for row in await Team.all()} == {"Team 1", "Team 3"}


async def test_a_pull_that_could_read_nothing_has_failed(house: House) -> None:
    made = await _three_courses(house)
    for course in (1, 2, 3):
        house.sandboxes[made.provider.id].state.behaviour.deny(course)
    run = await made.run("syncTeams", providerId=gid(ProviderRef(made.provider.id)))
    assert (run["state"], run["message"]) == (
        "FAILED",
        "No class could be read. Canvas has no such object any more, or hides it from the access key's owner.",
    )
