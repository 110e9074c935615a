"""Runs, and what is refused before there is one."""

from __future__ import annotations

from db.models import SyncRun
from domain.refs import CanvasClassRef, NativeClassRef, PushPlanRef, SyncRunRef, TeamRef
from tests import factories
from tests.support.house import gid
from tests.support.school import School


async def test_a_second_caller_joins_the_run(lab: School) -> None:
    first = await lab.ask("syncTeams", "run { id }", classId=gid(lab.ref))
    second = await lab.ask("syncTeams", "run { id }", classId=gid(lab.ref))
    assert first["run"] == second["run"]
    await lab.work()
    assert await SyncRun.all().count() == 1


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
