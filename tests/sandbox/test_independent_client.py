"""The stand-in driven by `canvasapi`: a client neither homeroom nor its stand-in had a hand in."""

from __future__ import annotations

import pytest
from canvasapi import Canvas
from canvasapi.exceptions import Forbidden, ResourceDoesNotExist

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
