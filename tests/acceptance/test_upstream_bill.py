"""What one statewide answer costs a Canvas, counted request by request."""

from __future__ import annotations

import pytest

from domain.enums import Role
from domain.refs import ProviderRef
from sandbox.behaviour import Behaviour
from tests import factories
from tests.acceptance.setting import STATEWIDE, bill, organisation
from tests.support.house import House, gid

PAGES = "GET /api/v1/accounts/:id/courses"
GRAPHQL = "POST /api/graphql"
ROSTER = "GET /api/v1/courses/:id/enrollments"
PROFILES = """
{ users(filter: {role: STUDENT}) { nodes { username
    enrollments { totalCount nodes { status class { name } } sources { state expected loaded } } } } }
"""


@pytest.mark.parametrize("facilities", [1, 50])
async def test_a_thousand_courses_cost_ten_pages_and_twenty_rosters(house: House, facilities: int) -> None:
    """AC-15, D-04: whatever the number of facilities; and nothing again while it is fresh."""
    org = await organisation(house, courses=1000, facilities=facilities, linked=40)
    data = await house.data(STATEWIDE, org.admin)
    assert data["classes"]["totalCount"] == 1000
    assert data["classes"]["sources"] == [{"state": "FRESH", "errorCode": None, "expected": 1000, "loaded": 1000}]
    assert data["programs"]["nodes"][0]["metrics"]["activeEnrollmentCount"] == 3000
    assert bill(house, org.canvas) == {PAGES: 10, GRAPHQL: 20}

    house.forget_calls()
    assert await house.data(STATEWIDE, org.admin) == data
    for facility in org.facilities:
        officer = await factories.user(role=Role.FACILITY_ADMIN, facility=facility)
        await house.data("{ programs { nodes { metrics { activeEnrollmentCount } } } }", officer)
    assert bill(house, org.canvas) == {}


@pytest.mark.parametrize("courses", [700, 701, 801, 999])
async def test_up_to_a_thousand_courses_never_cost_more_than_ten_pages(house: House, courses: int) -> None:
    """Pages are asked for three at a time, at most two of them past the end of the list."""
    org = await organisation(house, courses=courses, per_course=0, linked=0)
    await house.data("{ classes { totalCount } }", org.admin)
    assert bill(house, org.canvas) == {PAGES: 7 if courses == 700 else 10}


async def test_courses_above_a_hundred_students_cost_further_pages_by_twenties(house: House) -> None:
    """50 courses of 150 students: one request for all, then 50 second pages, 20 a request."""
    org = await organisation(house, courses=50, students=160, per_course=150, linked=160)
    data = await house.data(STATEWIDE, org.admin)
    assert {node["enrolledCount"] for node in data["classes"]["nodes"]} == {150}
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 1 + 3}


async def test_without_graphql_each_course_costs_one_request_and_six_are_in_flight(house: House) -> None:
    """Three refusals at most, as many as GraphQL may have in flight; then it is known."""
    behaviour = Behaviour(throttling=False, has_graphql=False, latency_ms=20)
    org = await organisation(house, courses=150, linked=40, behaviour=behaviour)
    data = await house.data(STATEWIDE, org.admin)
    assert data["programs"]["nodes"][0]["metrics"]["activeEnrollmentCount"] == 450
    asked = bill(house, org.canvas)
    assert 1 <= asked.pop(GRAPHQL) <= 3
    assert asked == {PAGES: 4, ROSTER: 150}
    assert house.sandboxes[org.canvas.id].state.log.max_in_flight == 6

    house.forget_calls()
    await house.engine.facts.expire(org.canvas.id)
    await house.data(
        "mutation($id: ID!) { refreshProvider(input: {id: $id}) { errors { __typename } } }",
        org.admin,
        id=gid(ProviderRef(org.canvas.id)),
    )
    await house.data(STATEWIDE, org.admin)
    assert GRAPHQL not in bill(house, org.canvas)


async def test_twenty_profiles_cost_one_request_per_provider_and_the_course_list_when_cold(house: House) -> None:
    """P-40, W-06: all linked accounts of all people at once."""
    org = await organisation(house, courses=30, students=20, per_course=5)
    other = await organisation(house, courses=30, students=20, per_course=5, linked=0, name="City College")
    await factories.link(provider=other.canvas, user=org.linked[0], external_user_id=str(next(iter(other.world.users))))
    data = await house.data(PROFILES, org.admin)
    assert sum(node["enrollments"]["totalCount"] for node in data["users"]["nodes"]) == 150
    assert bill(house, org.canvas) == {PAGES: 1, GRAPHQL: 1}
    assert bill(house, other.canvas) == {PAGES: 1, GRAPHQL: 1}

    house.forget_calls()
    assert await house.data(PROFILES, org.admin) == data
    assert bill(house, org.canvas) == bill(house, other.canvas) == {}
