"""The stand-in driven by `canvasapi`: a client neither homeroom nor its stand-in had a hand in."""

from __future__ import annotations

import pytest
from canvasapi import Canvas
from canvasapi.exceptions import Forbidden, RateLimitExceeded, ResourceDoesNotExist

from sandbox.app import Sandbox
from sandbox.world import World


def test_account_courses_and_roster_are_read_page_by_page(canvas: Canvas, world: World, app: Sandbox) -> None:
    app.state.behaviour.max_per_page = 4  # The client always asks for 100.
    for n in range(9):
        world.add_course(f"Course {n:02}", id=5000 + n)

    account = canvas.get_account(1)
    names = [course.name for course in account.get_courses()]
    rows = list(canvas.get_course(4821).get_enrollments(type=["StudentEnrollment"]))

    assert account.name == "Riverside State College"
    assert names == ["Welding", *(f"Course {n:02}" for n in range(9))]
    assert [row.user_id for row in rows] == [91, 91, 92, 93, 94, 95]
    assert app.state.log.counts() == {
        "GET /api/v1/accounts/:id": 1,
        "GET /api/v1/accounts/:id/courses": 3,
        "GET /api/v1/courses/:id": 1,
        "GET /api/v1/courses/:id/enrollments": 2,
    }


def test_people_of_an_account_and_their_courses(canvas: Canvas) -> None:
    users = list(canvas.get_account(1).get_users(enrollment_type="student", sort="id"))
    courses = list(canvas.get_user(91).get_courses())

    assert [user.login_id for user in users] == ["reed1", "reed2", "reed3", "reed4", "reed5"]
    assert [course.name for course in courses] == ["Welding"]
    assert [row["type"] for row in courses[0].enrollments] == ["student", "student"]


def test_unreadable_and_unknown_courses_are_told_apart(canvas: Canvas, world: World) -> None:
    world.courses[4821].readable = False

    with pytest.raises(Forbidden):
        canvas.get_course(4821)
    with pytest.raises(ResourceDoesNotExist):
        canvas.get_course(1)


def test_graphql_answers_a_roster(canvas: Canvas) -> None:
    query = """query($ids: [ID!]) { courses(ids: $ids) { _id enrollmentsConnection(first: 2,
        filter: {types: [StudentEnrollment], states: [active]}) { nodes { userId user { name } } pageInfo { totalCount } } } }"""

    answer = canvas.graphql(query, variables={"ids": ["4821", "999"]})

    assert answer["data"] == {
        "courses": [
            {
                "_id": "4821",
                "enrollmentsConnection": {
                    "nodes": [
                        {"userId": "91", "user": {"name": "Student1 Reed"}},
                        {"userId": "92", "user": {"name": "Student2 Reed"}},
                    ],
                    "pageInfo": {"totalCount": 6},
                },
            }
        ]
    }


def test_groups_are_made_filled_and_emptied(canvas: Canvas, world: World, app: Sandbox) -> None:
    app.state.behaviour.progress_polls = 1
    group_set = canvas.get_course(4821).create_group_category("Labs")
    first = group_set.create_group(name="Team 1")
    second = group_set.create_group(name="Team 2")

    edited = first.edit(members=[91, 92, 999])
    second.create_membership(92)
    left = [user.id for user in first.get_users()]
    progress = group_set.assign_members()
    begun = progress.workflow_state
    done = progress.query()

    assert (edited.members_count, left) == (2, [91])
    assert next(row.user_id for row in second.get_memberships()) == 92
    assert (begun, done.workflow_state) == ("queued", "completed")
    assert sum(group.members_count for group in group_set.get_groups()) == 5
    assert [group.name for group in canvas.get_course(4821).get_groups()] == ["Team 1", "Team 2"]
    first.delete()
    assert [group.name for group in group_set.get_groups()] == ["Team 2"]


def test_the_calendar_is_written_and_read(canvas: Canvas) -> None:
    event = canvas.create_calendar_event(
        {"context_code": "course_4821", "title": "Shop", "start_at": "2026-03-02T15:00:00Z"}
    )
    event.edit(calendar_event={"title": "Shop hours"})
    rows = list(
        canvas.get_calendar_events(context_codes=["course_4821"], start_date="2026-03-01", end_date="2026-03-31")
    )

    assert [(row.title, row.start_at) for row in rows] == [("Shop hours", "2026-03-02T15:00:00Z")]
    assert event.delete().workflow_state == "deleted"


def test_people_logins_and_providers_are_made(canvas: Canvas) -> None:
    account = canvas.get_account(1)
    provider = account.add_authentication_providers(
        auth_type="openid_connect", client_id="a", client_secret="b", authorize_url="https://a", token_url="https://b"
    )
    user = account.create_user({"unique_id": "kim"}, user={"name": "Kim Reed"})
    account.create_user_login({"id": user.id}, {"unique_id": "kim", "authentication_provider_id": provider.id})

    assert [login.unique_id for login in user.get_user_logins()] == ["kim", "kim"]
    assert [row.auth_type for row in account.get_authentication_providers()] == ["canvas", "openid_connect"]


def test_a_full_bucket_is_told_as_throttling(canvas: Canvas, app: Sandbox) -> None:
    app.state.buckets.fill("sandbox-token", -150)

    with pytest.raises(RateLimitExceeded):
        canvas.get_account(1)


def test_analytics_of_a_course(canvas: Canvas) -> None:
    rows = list(canvas.get_course(4821).get_course_level_student_summary_data())

    assert [row.id for row in rows] == [91, 92, 93, 94, 95]
