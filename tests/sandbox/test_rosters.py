"""Enrollments: one row a section, plain filters, states that follow section and course."""

from __future__ import annotations

import httpx
import pytest

from sandbox.app import Sandbox
from sandbox.world import World

ROSTER = "/api/v1/courses/4821/enrollments?per_page=100"


async def _people(client: httpx.AsyncClient, asked: str) -> list[int]:
    return [row["user_id"] for row in (await client.get(f"{ROSTER}&{asked}")).json()]


@pytest.fixture
def mixed(world: World) -> World:
    for key, state in ((92, "invited"), (93, "completed"), (94, "inactive"), (95, "rejected")):
        world.enrollments_of_user[key][0].state = state
    test = world.add_user("Test Student", id=3, sortable_name="Student, Test")
    world.enrol(4821, test.id, type="StudentViewEnrollment")
    world.add_user("Kim Reed", id=80)
    world.enrol(4821, 80, type="ObserverEnrollment", associated_user_id=91)
    return world


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ("", [80, 91, 91, 92, 94, 3, 55]),
        ("type[]=StudentEnrollment&state[]=active", [91, 91]),
        ("type[]=StudentEnrollment&state[]=active&state[]=completed", [91, 91, 93]),
        ("state[]=rejected", [95]),
        ("state[]=current_and_invited", []),
        ("type[]=StudentViewEnrollment", [3]),
        ("role[]=StudentEnrollment&state[]=active", [91, 91, 3]),
        ("user_id=91", [91, 91]),
        ("sis_user_id[]=D00002", [92]),
    ],
)
async def test_filters_are_plain_equality(
    client: httpx.AsyncClient, mixed: World, asked: str, people: list[int]
) -> None:
    assert await _people(client, asked) == people


async def test_rows_of_a_deleted_section_read_deleted(client: httpx.AsyncClient, world: World) -> None:
    world.sections[992].state = "deleted"

    assert await _people(client, "type[]=StudentEnrollment&state[]=active&user_id=91") == [91]
    assert await _people(client, "state[]=deleted") == [91]


async def test_a_row_tells_person_section_and_dates(client: httpx.AsyncClient, mixed: World) -> None:
    rows = (await client.get(f"{ROSTER}&user_id=91")).json()
    observer = (await client.get(f"{ROSTER}&type[]=ObserverEnrollment")).json()[0]

    assert [(row["course_section_id"] == 992, row["created_at"]) for row in rows] == [
        (False, "2026-01-01T00:00:00Z"),
        (True, "2026-02-01T00:00:00Z"),
    ]
    assert rows[0]["user"]["login_id"] == "reed1"
    assert (observer["associated_user_id"], "grades" in observer) == (91, False)


async def test_a_persons_rows_are_active_and_invited_ones(client: httpx.AsyncClient, mixed: World) -> None:
    counts = [len((await client.get(f"/api/v1/users/{key}/enrollments")).json()) for key in (91, 92, 93)]

    assert counts == [2, 1, 0]


async def test_synthetic_states_work_for_oneself_only(client: httpx.AsyncClient, app: Sandbox, mixed: World) -> None:
    app.state.behaviour.tokens["student"] = 92
    own = {"Authorization": "Bearer student"}
    url = "/api/v1/users/self/enrollments?state[]="

    seen = (await client.get(url + "current_and_invited", headers=own)).json()
    wrong = await client.get(url + "nonsense", headers=own)

    assert [row["user_id"] for row in seen] == [92]
    assert (wrong.status_code, wrong.json()) == (400, {"error": "Invalid state nonsense"})


async def test_the_last_enrollment_takes_memberships_along(world: World) -> None:
    group_set = world.add_group_set(4821, "Teams")
    group = world.add_group(group_set.id, "Team 1", members=[91, 92])

    world.set_enrolment_state(world.enrollments_of_user[91][1].id, "deleted")
    still = [row.user_id for row in world.accepted(group.id)]
    world.remove_enrolments(4821, 91)

    assert still == [91, 92]
    assert [row.user_id for row in world.accepted(group.id)] == [92]


async def test_a_roster_without_the_right_is_refused(client: httpx.AsyncClient, app: Sandbox) -> None:
    app.state.behaviour.deny(4821, "read_roster")

    assert (await client.get(ROSTER)).status_code == 403
    assert (await client.get("/api/v1/courses/4821")).status_code == 200
