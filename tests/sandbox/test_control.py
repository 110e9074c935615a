"""The control endpoint: what a test in another process can see and change."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.app import Sandbox
from sandbox.world import World


async def _do(client: httpx.AsyncClient, name: str, /, **args: Any) -> httpx.Response:
    return await client.post("/_control/world", json={"do": name, "with": args})


async def test_requests_are_read_and_forgotten(client: httpx.AsyncClient, app: Sandbox) -> None:
    await client.get("/api/v1/courses/4821?a=1")
    entries = (await client.get("/_control/log")).json()
    state = (await client.get("/_control")).json()
    await client.delete("/_control/log")

    assert [(row["method"], row["path"], row["query"], row["status"]) for row in entries["entries"]] == [
        ("GET", "/api/v1/courses/4821", "a=1", 200)
    ]
    assert entries["max_in_flight"] == 1
    assert state["counts"] == {"GET /api/v1/courses/:id": 1}
    assert state["world"]["courses"] == 1
    assert app.state.log.calls() == []


async def test_behaviour_changes_are_checked_and_reset(client: httpx.AsyncClient, app: Sandbox) -> None:
    faults = [{"kind": "status", "status": 503, "times": 1}]

    changed = await client.post("/_control/behaviour", json={"forbidden_status": 401, "faults": faults})
    answers = [(await client.get("/api/v1/accounts/self")).status_code for _ in range(2)]
    wrong = await client.post("/_control/behaviour", json={"forbidden_status": 418})
    unknown = await client.post("/_control/behaviour", json={"colour": "blue"})
    reset = (await client.post("/_control/reset")).json()

    assert changed.json()["forbidden_status"] == 401
    assert answers == [503, 200]
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert (reset["forbidden_status"], app.state.behaviour.faults, app.state.log.calls()) == (403, [], [])


async def test_the_world_changes_as_a_teacher_would_change_it(client: httpx.AsyncClient, world: World) -> None:
    await _do(client, "rename_user", user_id=91, name="Sam Reed")
    made = (await _do(client, "add_user", name="New Kid", id=700, login="kid")).json()
    await _do(client, "enrol", course_id=4821, user_id=700)
    await _do(client, "remove_enrolments", course_id=4821, user_id=92)
    await _do(client, "add_group_set", course_id=4821, name="Labs", id=41)
    await _do(client, "add_group", category_id=41, name="Team", id=610, members=[91, 93])
    await _do(client, "leave", group_id=610, user_id=93)
    refused = await _do(client, "fresh_id", table="user")
    unknown = await _do(client, "rename_user", user_id=1, name="Nobody")

    roster = (await client.get("/api/v1/courses/4821/users?enrollment_type[]=student&per_page=100")).json()
    assert made["id"] == 700
    assert [row["id"] for row in roster] == [700, 91, 93, 94, 95]
    assert roster[1]["name"] == "Sam Reed"
    assert [row.user_id for row in world.accepted(610)] == [91]
    assert (refused.status_code, unknown.status_code) == (400, 400)


async def test_a_bucket_can_be_filled(client: httpx.AsyncClient) -> None:
    await client.post("/_control/bucket", json={"token": "sandbox-token", "remaining": 120})
    answer = await client.get("/api/v1/accounts/self")

    assert 100 < float(answer.headers["X-Rate-Limit-Remaining"]) < 125


async def test_control_is_neither_throttled_nor_logged(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.buckets.fill("sandbox-token", -100)

    assert (await client.get("/_control")).status_code == 200
    assert app.state.log.calls() == []
