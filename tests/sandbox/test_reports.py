"""The provisioning report, from its start to its file."""

from __future__ import annotations

import csv
import io
import zipfile

import httpx

from sandbox.app import Sandbox
from sandbox.world import World

REPORTS = "/api/v1/accounts/1/reports/provisioning_csv"


async def test_a_report_is_begun_once_polled_and_downloaded(client: httpx.AsyncClient, world: World) -> None:
    world.enrol(4821, world.add_user("No Login").id)
    asked = {"parameters": {"enrollments": True}}

    begun = (await client.post(REPORTS, json=asked)).json()
    again = await client.post(REPORTS, json=asked)
    looks = [(await client.get(f"{REPORTS}/{begun['id']}")).json() for _ in range(2)]
    file = await client.get(looks[1]["attachment"]["url"], headers={"Authorization": ""})

    assert (begun["status"], begun["file_url"]) == ("created", None)
    assert (again.status_code, again.headers["Location"]) == (409, f"https://canvas.test{REPORTS}/{begun['id']}")
    assert [look["status"] for look in looks] == ["running", "complete"]
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [(row["user_id"], row["status"], row["base_role_type"]) for row in rows][:1] == [
        ("D00001", "active", "StudentEnrollment")
    ]
    assert len(rows) == 7


async def test_several_data_sets_come_zipped(client: httpx.AsyncClient, app: Sandbox, world: World) -> None:
    app.state.behaviour.progress_polls = 0
    world.add_course("Over", id=50, state="completed")
    world.add_group(world.add_group_set(4821, "Labs").id, "Team 1", members=[91])
    names = ["users", "courses", "sections", "groups", "group_membership", "group_categories"]

    done = (await client.post(REPORTS, json={"parameters": dict.fromkeys(names, True)})).json()
    file = await client.get(done["attachment"]["url"])
    archive = zipfile.ZipFile(io.BytesIO(file.content))

    lines = {name: len(archive.read(f"{name}.csv").splitlines()) - 1 for name in names}
    assert lines == {
        "users": 7, "courses": 1, "sections": 3, "groups": 1, "group_membership": 1, "group_categories": 1,
    }  # fmt: skip


async def test_unknown_reports_and_wrong_verifiers_are_not_found(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.progress_polls = 0
    other = await client.post("/api/v1/accounts/1/reports/zero_activity_csv")
    done = (await client.post(REPORTS, json={"parameters": {"users": True}})).json()
    wrong = await client.get(f"/files/{done['id']}/download?verifier=x")

    assert (other.status_code, wrong.status_code) == (404, 404)
