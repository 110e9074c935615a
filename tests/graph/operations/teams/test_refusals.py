"""Every reason for which a mutation of teams does nothing, as a typed error with the field it is about."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import PushPlan, SyncRun, Team, TeamMembership, User
from domain.enums import Role
from domain.refs import CanvasClassRef, FacilityRef, NativeClassRef, ProviderRef, UserRef
from tests import factories
from tests.support.house import gid
from tests.support.school import School, gid_of

FIELDS = {"deleteTeam": "id", "inviteToGroup": "invited { outcome }"}
FIELDS |= dict.fromkeys(("createTeam", "updateTeam", "setTeamMembers"), "team { id }")
FIELDS |= dict.fromkeys(("planGroupMemberships", "planUndo"), "plan { id }")
FIELDS |= dict.fromkeys(
    ("syncTeams", "pushGroupMemberships", "assignUnassigned", "publishTeams", "cancelSyncRun"), "run { id }"
)


async def refused(lab: School, mutation: str, viewer: User | None = None, **given: Any) -> list[tuple[str, Any]]:
    """Each error's type, without its ending, and path."""
    answer = await lab.ask(mutation, FIELDS[mutation], viewer, **given)
    return [(error["__typename"].removesuffix("Error"), error["path"]) for error in answer["errors"]]


async def counts() -> tuple[int, ...]:
    return (
        await Team.filter(deleted_at=None).count(),
        await TeamMembership.filter(until=None).count(),
        await SyncRun.all().count(),
        await PushPlan.all().count(),
    )


@pytest.fixture
async def pulled(lab: School) -> School:
    await lab.pull()
    return lab


@pytest.fixture
async def warden(lab: School) -> User:
    """The admin of a facility of nobody."""
    return await factories.user(role=Role.FACILITY_ADMIN, facility=await factories.facility(name="South"))


async def test_a_student_changes_nothing_of_teams(pulled: School) -> None:
    red, course = await pulled.team("Red"), gid(pulled.ref)
    plan, run = (await pulled.plan())["id"], (await pulled.pull())["id"]
    before = await counts()
    for mutation, given in (
        ("createTeam", {"name": "Ours"}),
        ("updateTeam", {"id": red, "name": "Ours"}),
        ("deleteTeam", {"id": red}),
        ("setTeamMembers", {"teamId": red, "userIds": []}),
        ("syncTeams", {"classId": course}),
        ("planGroupMemberships", {"classId": course}),
        ("pushGroupMemberships", {"planId": plan}),
        ("planUndo", {"runId": run}),
        ("inviteToGroup", {"teamId": red, "userIds": [gid_of(pulled.people[96])]}),
        ("assignUnassigned", {"classId": course, "canvasGroupSet": "Lab teams"}),
        ("publishTeams", {"classId": course, "canvasGroupSet": "Projects"}),
    ):
        assert await refused(pulled, mutation, pulled.people[91], **given) == [("NotAllowed", None)], mutation
    assert await refused(pulled, "cancelSyncRun", pulled.people[91], id=run) == [("NotFound", ["id"])]
    assert await counts() == before


async def test_what_only_department_admins_may(pulled: School, warden: User) -> None:
    course = gid(pulled.ref)
    for mutation, given in (
        ("syncTeams", {"classId": course, "removeStale": True}),
        ("syncTeams", {"classId": course, "override": "because"}),
        ("pushGroupMemberships", {"planId": (await pulled.plan(warden))["id"], "override": "because"}),
        ("assignUnassigned", {"classId": course, "canvasGroupSet": "Lab teams"}),
        ("inviteToGroup", {"teamId": await pulled.team("Red"), "emails": ["a@school.example"]}),
    ):
        assert await refused(pulled, mutation, warden, **given) == [("NotAllowed", None)], mutation
    for mutation, given in (("updateTeam", {"name": "New"}), ("deleteTeam", {})):
        answer = await refused(pulled, mutation, warden, id=await pulled.team("Red"), **given)
        assert answer == [("NotAllowed", ["id"])]


async def test_what_is_out_of_scope_does_not_exist(pulled: School, warden: User) -> None:
    north = await pulled.ask("createTeam", "team { id }", name="Ours", facilityId=gid(FacilityRef(pulled.facility.id)))
    ours, before = north["team"]["id"], await counts()
    native = await factories.school_class(facility=pulled.facility)
    plan = (await pulled.plan())["id"]
    for mutation, given, path in (
        ("createTeam", {"name": "A", "facilityId": gid(FacilityRef(pulled.facility.id))}, "facilityId"),
        ("createTeam", {"name": "A", "classId": gid(NativeClassRef(native.id))}, "classId"),
        ("createTeam", {"name": "A", "userIds": [gid_of(pulled.people[91])]}, "userIds"),
        ("setTeamMembers", {"teamId": ours, "userIds": []}, "teamId"),
        ("setTeamMembers", {"teamId": await pulled.team("Red"), "userIds": [gid_of(pulled.people[91])]}, "userIds"),
        ("updateTeam", {"id": ours, "name": "B"}, "id"),
        ("deleteTeam", {"id": ours}, "id"),
        ("inviteToGroup", {"teamId": ours, "userIds": [gid_of(warden)]}, "teamId"),
        ("inviteToGroup", {"teamId": await pulled.team("Red"), "userIds": [gid_of(pulled.people[96])]}, "userIds"),
        ("planGroupMemberships", {"teamIds": [ours]}, "teamIds"),
        ("publishTeams", {"classId": gid(pulled.ref), "canvasGroupSet": "A", "teamIds": [ours]}, "teamIds"),
        ("pushGroupMemberships", {"planId": plan}, "planId"),
    ):
        assert await refused(pulled, mutation, warden, **given) == [("NotFound", [path])], mutation
    after = await counts()
    assert (after[:3], after[3]) == (before[:3], before[3] + 1)


async def test_what_does_not_exist_for_anybody(pulled: School) -> None:
    for mutation, given, path in (
        ("createTeam", {"name": "A", "classId": gid(CanvasClassRef(pulled.provider.id, "99"))}, "classId"),
        ("createTeam", {"name": "A", "facilityId": gid(FacilityRef(99))}, "facilityId"),
        ("setTeamMembers", {"teamId": await pulled.team("Red"), "userIds": [gid(UserRef(999))]}, "userIds"),
        ("syncTeams", {"providerId": gid(ProviderRef(99))}, "providerId"),
    ):
        assert await refused(pulled, mutation, **given) == [("NotFound", [path])], mutation


async def test_what_makes_no_sense_names_its_field(pulled: School) -> None:
    native = await factories.school_class(facility=pulled.facility)
    other = await factories.facility(name="South")
    ours = await pulled.ask("createTeam", "team { id }", name="Ours", classId=gid(pulled.ref))
    course, red = gid(pulled.ref), await pulled.team("Red")
    place = {"classId": gid(NativeClassRef(native.id)), "facilityId": gid(FacilityRef(other.id))}
    for mutation, given, path in (
        ("createTeam", {"name": " "}, "name"),
        ("createTeam", {"name": "n" * 101}, "name"),
        ("createTeam", {"name": "A", "description": "d" * 501}, "description"),
        ("createTeam", {"name": "A", **place}, "facilityId"),
        ("updateTeam", {"id": ours["team"]["id"], "name": ""}, "name"),
        ("syncTeams", {"classId": course, "providerId": gid(ProviderRef(pulled.provider.id))}, "classId"),
        ("planGroupMemberships", {"teamIds": []}, "classId"),
        ("planGroupMemberships", {"classId": course, "teamIds": [red]}, "classId"),
        ("planGroupMemberships", {"teamIds": [red, ours["team"]["id"]]}, "teamIds"),
        ("inviteToGroup", {"teamId": red}, "userIds"),
        ("publishTeams", {"classId": course, "canvasGroupSet": "A", "maxMembers": 1}, "maxMembers"),
        ("publishTeams", {"classId": course, "canvasGroupSet": " "}, "canvasGroupSet"),
        ("publishTeams", {"classId": gid(NativeClassRef(native.id)), "canvasGroupSet": "A"}, "classId"),
        ("assignUnassigned", {"classId": gid(NativeClassRef(native.id)), "canvasGroupSet": "A"}, "classId"),
    ):
        assert await refused(pulled, mutation, **given) == [("InvalidInput", [path])], (mutation, given)


async def test_only_active_students_are_put_into_teams(pulled: School) -> None:
    gone = await factories.user(facility=pulled.facility, deactivated_at=pulled.house.clock.now)
    for person in (pulled.admin, gone):
        for mutation, given in (
            ("createTeam", {"name": "Ours"}),
            ("setTeamMembers", {"teamId": await pulled.team("Red")}),
        ):
            assert await refused(pulled, mutation, userIds=[gid_of(person)], **given) == [("NotAStudent", ["userIds"])]
    assert await Team.filter(name="Ours").count() == 0


async def test_what_cannot_be_just_now(pulled: School) -> None:
    ours = await pulled.ask("createTeam", "team { id }", name="Ours", classId=gid(pulled.ref))
    person = [gid_of(pulled.people[96])]
    assert await refused(pulled, "inviteToGroup", teamId=ours["team"]["id"], userIds=person) == [
        ("Conflict", ["teamId"])
    ]
    pull = await pulled.pull()
    assert await refused(pulled, "planUndo", runId=pull["id"]) == [("Conflict", ["runId"])]
    behaviour = pulled.house.sandboxes[pulled.provider.id].state.behaviour
    behaviour.deny(4821, "manage_groups")
    plan = {"classId": gid(pulled.ref)}
    assert await refused(pulled, "planGroupMemberships", **plan) == [("UpstreamRejected", None)]
    pulled.house.hosts.apps.clear()
    red = await pulled.team("Red")
    for mutation, given in (
        ("planGroupMemberships", plan),
        ("inviteToGroup", {"teamId": red, "userIds": person}),
        ("assignUnassigned", {**plan, "canvasGroupSet": "Lab teams"}),
    ):
        assert await refused(pulled, mutation, **given) == [("UpstreamUnavailable", None)], mutation


async def test_the_same_key_does_the_same_thing_once(pulled: School) -> None:
    given = {"name": "Ours", "idempotencyKey": "once"}
    first, second = [await pulled.ask("createTeam", "team { id }", **given) for _ in range(2)]
    assert first["team"] == second["team"]
    assert await refused(pulled, "createTeam", name="Other", idempotencyKey="once") == [
        ("InvalidInput", ["idempotencyKey"])
    ]
    assert await Team.filter(source="NATIVE").count() == 1
