"""Plans carried out in Canvas."""

from __future__ import annotations

from typing import Any

from db.models import SyncRun, User
from domain.enums import Role
from sandbox.behaviour import Fault
from tests import factories
from tests.support.house import House
from tests.support.school import School, school, summary, unlink


def told(run: Any) -> list[tuple[str, str, str | None]]:
    """Account, outcome and the team they came from, of everybody in a push."""
    return [(one["canvasUserId"], one["outcome"], one["from"] and one["from"]["name"]) for one in run["pushed"]]


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
    assert told(run) == [("93", "REFUSED", None)]
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


async def test_every_person_of_a_push_is_told_what_became_of_them(lab: School) -> None:
    """From what Canvas shows afterwards, not from what it answered."""
    await lab.pull()
    await lab.put("Red", [91, 92, 94, 96])
    lab.house.sandboxes[lab.provider.id].state.behaviour.faults = [
        Fault(kind="body", method="DELETE", path="groups/", status=200, body='{"ok": true}')
    ]
    run = await lab.push(await lab.plan())
    assert told(run) == [("96", "ADDED", None), ("94", "MOVED", "Blue"), ("93", "STILL_THERE", None)]
    assert (run["created"], run["updated"], run["removed"], run["skipped"]) == (1, 1, 0, 1)
    assert [(issue["code"], issue["canvasUserId"]) for issue in run["issues"]] == [("STILL_THERE", "93")]


async def test_whom_canvas_drops_without_a_word_is_missing(lab: School) -> None:
    """98 leaves the course between the plan and the push, which writes the whole group at once."""
    await lab.pull()
    await lab.put("Red", [91, 96, 97, 98])
    plan = await lab.plan()
    lab.world.remove_enrolments(4821, 98)
    run = await lab.push(plan)
    done = [("96", "ADDED", None), ("97", "ADDED", None), ("98", "MISSING", None)]
    assert told(run) == [*done, ("92", "REMOVED", None), ("93", "REMOVED", None)]
    assert [(issue["code"], issue["canvasUserId"]) for issue in run["issues"]] == [("MISSING", "98")]
    assert lab.there("Red") == [91, 96, 97]


async def test_a_facility_admin_is_told_what_became_of_their_own_people(lab: School) -> None:
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=lab.facility)
    await lab.pull()
    await lab.put("Red", [91, 93, 96], warden)
    run = await lab.push(await lab.plan(warden), warden)
    assert told(run) == [("96", "ADDED", None), ("92", "REMOVED", None)]
    await User.filter(id=lab.people[92].id).update(facility_id=(await factories.facility()).id)
    query = "query Q($id: ID!) { node(id: $id) { ... on SyncRun { pushed { canvasUserId user { username } } } } }"
    seen = (await lab.house.data(query, warden, id=run["id"]))["node"]["pushed"]
    assert seen == [{"canvasUserId": "96", "user": {"username": "p96"}}]


async def test_who_is_no_longer_theirs_to_move_is_left_alone(lab: School) -> None:
    """Between the plan and the push 96 was unlinked, 97's account became somebody else's, and 92 went to another facility."""
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=lab.facility)
    await lab.pull()
    await lab.put("Red", [91, 93, 96, 97, 98], warden)
    plan = await lab.plan(warden)
    assert summary(plan)["Red"] == ["+96", "+97", "+98", "-92"]
    await unlink(lab, 96)
    await unlink(lab, 97)
    other = await factories.user(facility=lab.facility)
    await factories.link(provider=lab.provider, user=other, external_user_id="97")
    await User.filter(id=lab.people[92].id).update(facility_id=(await factories.facility()).id)
    run = await lab.push(plan, warden)
    assert (run["state"], run["created"], run["removed"], run["skipped"]) == ("SUCCEEDED_WITH_WARNINGS", 1, 0, 3)
    assert {(issue["code"], issue["canvasUserId"]) for issue in run["issues"]} == {
        ("LINK_CHANGED", "96"),
        ("LINK_CHANGED", "97"),
    }
    assert lab.there("Red") == [91, 92, 93, 98]
