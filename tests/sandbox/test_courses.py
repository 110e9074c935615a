"""Accounts, courses and people as lists show them."""

from __future__ import annotations

import httpx
import pytest

from sandbox.app import Sandbox
from sandbox.world import World

COURSES = "/api/v1/accounts/1/courses?per_page=100"


async def _ids(client: httpx.AsyncClient, url: str) -> list[int]:
    return [row["id"] for row in (await client.get(url)).json()]


@pytest.fixture
def states(world: World) -> World:
    world.add_account("Trades", id=12)
    world.add_term("Past", id=6, end_at="2020-01-01T00:00:00Z")
    for key, state in ((50, "created"), (51, "completed"), (52, "deleted"), (53, "claimed")):
        world.add_course(state, id=key, state=state)
    world.add_course("Below", id=54, account_id=12)
    world.add_course("Over", id=55, term_id=6)
    return world


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("", [50, 51, 53, 54, 55, 4821]),
        ("state[]=all", [50, 51, 52, 53, 54, 55, 4821]),
        ("state[]=deleted", [52]),
        ("published=true", [54, 55, 4821]),
        ("completed=true", [51, 55]),
        ("with_enrollments=1", [4821]),
        ("enrollment_term_id=6", [55]),
        ("search_term=weld", [4821]),
        ("enrollment_type[]=teacher", [4821]),
        ("enrollment_workflow_state[]=active", [4821]),
        ("enrollment_workflow_state[]=invited", []),
        ("sort=course_name&order=desc&published=1", [4821, 55, 54]),
    ],
)
async def test_account_courses_by_id_with_filters(
    client: httpx.AsyncClient, states: World, asked: str, ids: list[int]
) -> None:
    assert await _ids(client, f"{COURSES}&{asked}") == ids


async def test_sub_account_lists_only_its_own(client: httpx.AsyncClient, states: World) -> None:
    assert await _ids(client, "/api/v1/accounts/12/courses") == [54]
    assert await _ids(client, "/api/v1/accounts/1/sub_accounts") == [12]


async def test_head_count_is_of_distinct_students(client: httpx.AsyncClient, world: World) -> None:
    test = world.add_user("Test Student", id=3)
    world.enrol(4821, test.id, type="StudentViewEnrollment")
    world.set_enrolment_state(world.enrollments_of_user[95][0].id, "completed")
    world.enrollments_of_user[94][0].state = "invited"

    row = (await client.get(f"{COURSES}&include[]=total_students&include[]=term&include[]=concluded")).json()[0]

    assert (row["total_students"], row["term"]["name"], row["concluded"]) == (4, "Default Term", False)
    assert "enrollments" not in row


async def test_a_course_reads_unpublished_and_always_has_a_zone(client: httpx.AsyncClient, states: World) -> None:
    row = (await client.get("/api/v1/courses/50")).json()

    assert (row["workflow_state"], row["time_zone"], row["enrollments"]) == ("unpublished", "America/Chicago", [])


async def test_deleted_course_is_not_found_unless_all_are_wanted(client: httpx.AsyncClient, states: World) -> None:
    gone = await client.get("/api/v1/courses/52")
    found = await client.get("/api/v1/courses/52?include[]=all_courses")

    assert (gone.status_code, found.json()["workflow_state"]) == (404, "deleted")
    assert gone.json() == {"errors": [{"message": "The specified resource does not exist."}]}


async def test_sis_fields_are_absent_without_the_right(client: httpx.AsyncClient, app: Sandbox) -> None:
    by_sis = (await client.get("/api/v1/courses/sis_course_id:WLD-101-26S")).json()
    app.state.behaviour.denied_rights = ["read_sis", "view_logins"]
    course = (await client.get("/api/v1/courses/4821")).json()
    user = (await client.get("/api/v1/users/91")).json()

    assert by_sis["sis_course_id"] == "WLD-101-26S"
    assert "sis_course_id" not in course
    assert {"sis_user_id", "login_id"} & user.keys() == set()


async def test_a_nickname_takes_the_name_of_single_courses(client: httpx.AsyncClient, world: World) -> None:
    world.set_course(4821, nickname="My welding")

    one = (await client.get("/api/v1/courses/4821")).json()
    listed = (await client.get(COURSES)).json()[0]

    assert (one["name"], one["original_name"], listed["name"]) == ("My welding", "Welding", "Welding")


@pytest.mark.parametrize(("state", "ids"), [("active", [4821]), ("completed", [55]), ("invited_or_pending", [])])
async def test_a_persons_courses_follow_the_dates(
    client: httpx.AsyncClient, states: World, state: str, ids: list[int]
) -> None:
    states.enrol(55, 91)

    assert await _ids(client, f"/api/v1/users/91/courses?enrollment_state={state}") == ids


async def test_a_course_not_open_yet_is_a_stub_for_its_student(
    client: httpx.AsyncClient, app: Sandbox, world: World
) -> None:
    world.set_course(4821, restrict_dates=True, start_at="2999-01-01T00:00:00Z")
    app.state.behaviour.tokens["student"] = 91

    rows = (await client.get("/api/v1/users/self/courses", headers={"Authorization": "Bearer student"})).json()

    assert rows == [{"id": 4821, "access_restricted_by_date": True}]


async def test_account_users_by_type_means_ever_and_anywhere(client: httpx.AsyncClient, world: World) -> None:
    old = world.enrol(4821, 55)
    old.state = "inactive"

    students = await _ids(client, "/api/v1/accounts/1/users?enrollment_type=student&sort=id")
    wrong = await client.get("/api/v1/accounts/1/users?enrollment_type=pupil")
    short = await client.get("/api/v1/accounts/1/users?search_term=x")
    found = await _ids(client, "/api/v1/accounts/1/users?search_term=D00003")

    assert students == [55, 91, 92, 93, 94, 95]
    assert (wrong.status_code, short.status_code) == (400, 400)
    assert short.json()["errors"][0]["message"] == "2 or more characters is required"
    assert found == [93]


async def test_deleted_and_merged_people_answer_404_with_their_object(client: httpx.AsyncClient, world: World) -> None:
    world.merge_user(91, 92)
    world.delete_user(93)

    merged, deleted = [await client.get(f"/api/v1/users/{key}") for key in (91, 93)]

    assert (merged.status_code, merged.json()["merged_into_user_id"]) == (404, 92)
    assert (deleted.status_code, deleted.json()["id"]) == (404, 93)
    assert await _ids(client, "/api/v1/accounts/1/users?sort=id") == [7, 55, 92, 94, 95]


async def test_course_people_are_distinct(client: httpx.AsyncClient) -> None:
    url = "/api/v1/courses/4821/users?enrollment_type[]=student&include[]=enrollments&include[]=email"
    rows = (await client.get(url)).json()
    wrong = await client.get("/api/v1/courses/4821/users?enrollment_type[]=pupil")

    assert [(row["id"], len(row["enrollments"]), row["email"]) for row in rows][:2] == [
        (91, 2, "reed1@school.example"),
        (92, 1, "reed2@school.example"),
    ]
    assert wrong.status_code == 400


async def test_the_context_limit_is_absent_until_set(client: httpx.AsyncClient, app: Sandbox) -> None:
    unset = (await client.get("/api/v1/settings/environment")).json()
    app.state.behaviour.calendar_contexts_limit = 20
    given = (await client.get("/api/v1/settings/environment")).json()

    assert "calendar_contexts_limit" not in unset
    assert given["calendar_contexts_limit"] == 20


async def test_terms_are_a_list_inside_an_object(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/v1/accounts/1/terms")).json()

    assert [term["name"] for term in body["enrollment_terms"]] == ["Default Term"]
