from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from canvas.courses import list_courses
from canvas.enrollments import list_roster, show_person_enrollments
from canvas.errors import CircuitOpen, GraphqlUnavailable, ServerFault
from canvas.people import list_person_enrollments
from canvas.rosters import list_rosters
from domain import facts
from domain.errors import (
    UpstreamCredentials,
    UpstreamError,
    UpstreamForbidden,
    UpstreamMissing,
    UpstreamTimeout,
)
from sandbox.behaviour import Fault
from sandbox.world import World
from tests.canvas.conftest import TODAY, Stand
from tests.canvas.fake import FakeCanvas, answers, ok


def welding(stand: Stand) -> facts.Roster:
    """What the small world's roster is once student 94 has completed the course."""
    home = str(stand.world.sections_of_course[4821][0].id)

    def student(user_id: str, created: datetime, sections: tuple[str, ...] = (home,)) -> facts.Student:
        return facts.Student(user_id, user_id != "94", created, None, sections)

    return facts.Roster(
        students=(
            student("91", datetime(2025, 12, 1, tzinfo=UTC), tuple(sorted(("992", home), key=int))),
            student("92", datetime(2026, 1, 2, tzinfo=UTC)),
            student("93", datetime(2026, 1, 3, tzinfo=UTC)),
            student("94", datetime(2026, 1, 4, tzinfo=UTC)),
        ),
        staff=(
            facts.Staff("55", "TeacherEnrollment", "Pat Ortiz"),
            facts.Staff("56", "ObserverEnrollment", "Mother Reed"),
        ),
    )


async def test_a_roster_is_the_same_by_graphql_and_by_rest(small: Stand) -> None:
    next(e for e in small.world.enrollments_of_course[4821] if e.user_id == 94).state = "completed"
    by_graphql = await list_rosters(small.canvas, ["4821"])
    by_rest = await list_roster(small.canvas, "4821")
    assert by_graphql == {"4821": welding(small)}
    assert by_rest == welding(small)
    assert small.bill == (1, 1)


async def test_rosters_of_a_whole_school_are_the_same_both_ways(stand: Stand) -> None:
    courses = [course.id for course in await list_courses(stand.canvas)]
    by_graphql = await list_rosters(stand.canvas, courses)
    assert set(by_graphql) == set(courses)
    differing = 0
    for course_id in courses:
        answer = by_graphql[course_id]
        if isinstance(answer, UpstreamError):
            assert type(answer) in {UpstreamMissing, UpstreamForbidden}
            with pytest.raises(UpstreamForbidden):
                await list_roster(stand.canvas, course_id)
            differing += 1
        else:
            assert answer == await list_roster(stand.canvas, course_id)
    assert differing == 1


async def test_a_thousand_courses_cost_10_pages_and_20_rosters() -> None:
    """The upstream bill of issue 2."""
    stand = Stand(
        World.generate(seed=1, courses=1000, students=300, students_per_course=3, weeks=1, today=TODAY, plain=True)
    )
    stand.behaviour.throttling = False
    courses = await list_courses(stand.canvas)
    assert (len(courses), stand.bill) == (1000, (10, 0))
    rosters = await list_rosters(stand.canvas, [course.id for course in courses])
    assert stand.bill == (10, 20)
    assert sum(len(r.students) for r in rosters.values() if isinstance(r, facts.Roster)) == 3000
    await stand.pool.aclose()


async def test_courses_above_100_students_go_on_by_aliases() -> None:
    stand = Stand(
        World.generate(seed=1, courses=25, students=260, students_per_course=250, weeks=1, today=TODAY, plain=True)
    )
    stand.behaviour.throttling = False
    courses = [course.id for course in await list_courses(stand.canvas)]
    rosters = await list_rosters(stand.canvas, courses)
    assert {len(r.students) for r in rosters.values() if isinstance(r, facts.Roster)} == {250}
    # 25 second and 25 third pages, 20 a request, as they become known.
    assert stand.bill == (1, 1 + 3)
    await stand.pool.aclose()


async def test_a_course_left_out_and_a_hidden_roster_are_told_apart(small: Stand) -> None:
    small.world.add_course("Hidden", id=1)
    small.behaviour.denied_courses = {"1": ["view_list_of_users", "read_roster", "roster"]}
    rosters = await list_rosters(small.canvas, ["4821", "1", "999"])
    assert isinstance(rosters["4821"], facts.Roster)
    assert type(rosters["999"]) is UpstreamMissing


async def test_a_null_connection_is_no_right_and_a_broken_one_is_a_failure() -> None:
    empty = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    data = {
        "courses": [
            {"_id": "1", "students": None, "staff": None},
            {"_id": "2", "students": None, "staff": empty},
            {"_id": "3", "students": empty, "staff": empty},
            None,
            {"_id": "77", "students": empty, "staff": empty},
            {"_id": "5", "students": {**empty, "nodes": [None]}, "staff": empty},
        ]
    }
    broken = [
        {"message": "boom", "path": ["courses", 1, "students"]},
        {"message": "boom", "path": ["courses", 5, "students", "nodes", 0]},
    ]
    fake = FakeCanvas(answers(ok({"data": data, "errors": broken})))
    rosters = await list_rosters(fake.canvas(), ["1", "2", "3", "4", "5"])
    assert {key: type(value) for key, value in rosters.items()} == {
        "1": UpstreamForbidden,
        "2": UpstreamError,
        "3": facts.Roster,
        "4": UpstreamMissing,
        "5": UpstreamError,
    }


@pytest.mark.parametrize("failure", ["hang", "status"])
async def test_batches_are_halved_until_canvas_can_carry_them(small: Stand, failure: str) -> None:
    asked: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["variables"]["ids"]
        asked.append(len(ids))
        if len(ids) > 10:
            if failure == "hang":
                raise httpx.ReadTimeout("")
            return httpx.Response(500)
        empty = {"nodes": [], "pageInfo": {"hasNextPage": False}}
        return ok({"data": {"courses": [{"_id": i, "students": empty, "staff": empty} for i in ids]}})

    rosters = await list_rosters(FakeCanvas(handler).canvas(), [str(n) for n in range(40)])
    assert {type(roster) for roster in rosters.values()} == {facts.Roster}
    tries = 1 if failure == "hang" else 2
    assert asked == [40] * tries + [20] * tries + [10, 10, 10, 10]


async def test_one_course_that_breaks_canvas_costs_only_itself() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["variables"]["ids"]
        if "13" in ids:
            raise httpx.ReadTimeout("")
        empty = {"nodes": [], "pageInfo": {"hasNextPage": False}}
        return ok({"data": {"courses": [{"_id": i, "students": empty, "staff": empty} for i in ids]}})

    rosters = await list_rosters(FakeCanvas(handler).canvas(), [str(n) for n in range(40)])
    assert [key for key, value in rosters.items() if isinstance(value, UpstreamError)] == ["13"]
    assert type(rosters["13"]) is UpstreamTimeout


async def test_a_canvas_that_always_breaks_is_given_up() -> None:
    fake = FakeCanvas(answers(httpx.ReadTimeout("")))
    rosters = await list_rosters(fake.canvas(), [str(n) for n in range(1000)])
    assert {type(error) for error in rosters.values()} == {UpstreamTimeout}
    assert len(rosters) == 1000
    assert len(fake.requests) <= 14


async def test_what_concerns_the_whole_canvas_is_raised(small: Stand) -> None:
    small.behaviour.has_graphql_courses = False
    with pytest.raises(GraphqlUnavailable):
        await list_rosters(small.canvas, ["4821"])
    small.behaviour.has_graphql = False
    with pytest.raises(GraphqlUnavailable):
        await list_person_enrollments(small.canvas, ["91"])


async def test_a_revoked_key_is_no_missing_graphql(small: Stand) -> None:
    small.behaviour.revoked_tokens = ["sandbox-token"]
    with pytest.raises(UpstreamCredentials):
        await list_rosters(small.canvas, ["4821"])


async def test_a_refusal_of_graphql_is_remembered(small: Stand) -> None:
    """Issue 2: learnt per provider and remembered; only what was refused."""
    small.behaviour.has_graphql_courses = False
    for _ in range(3):
        with pytest.raises(GraphqlUnavailable):
            await list_rosters(small.canvas, ["4821"])
    assert small.bill == (0, 1)
    await list_person_enrollments(small.canvas, ["91"])
    assert small.bill == (0, 2)


async def test_a_dead_canvas_opens_the_circuit_for_rosters_too() -> None:
    fake = FakeCanvas(answers(httpx.ConnectError("")))
    with pytest.raises(CircuitOpen):
        await list_rosters(fake.canvas(), [str(n) for n in range(1000)])
    assert len(fake.requests) <= 7


async def test_a_page_that_fails_costs_its_courses_only(small: Stand) -> None:
    for n in range(120):
        small.world.add_user(f"More {n}", id=1000 + n)
        small.world.enrol(4821, 1000 + n)
    small.world.add_course("Small", id=5)
    small.behaviour.faults = [Fault(kind="status", path="graphql", contains="RosterPages")]
    rosters = await list_rosters(small.canvas, ["4821", "5"])
    assert type(rosters["4821"]) is ServerFault
    assert rosters["5"] == facts.Roster((), ())


async def test_people_come_twenty_a_request_and_equal_rest(stand: Stand) -> None:
    people = [str(e.user_id) for e in stand.world.enrollments_of_course[4003]]
    wanted = list(dict.fromkeys(people))[:40]
    by_graphql = await list_person_enrollments(stand.canvas, wanted)
    assert stand.bill == (0, 2)
    assert list(by_graphql) == wanted
    for user_id in wanted[:10]:
        assert by_graphql[user_id] == await show_person_enrollments(stand.canvas, user_id)
    found = by_graphql[wanted[0]]
    assert isinstance(found, facts.PersonEnrollments)
    assert "4003" in {e.course_id for e in found.enrollments}


async def test_a_person_who_is_gone_has_no_name(small: Stand) -> None:
    small.world.delete_user(92)
    gone = facts.PersonEnrollments(None, ())
    assert await list_person_enrollments(small.canvas, ["424242"]) == {"424242": gone}
    assert await show_person_enrollments(small.canvas, "424242") == gone
    assert await show_person_enrollments(small.canvas, "92") == gone
    found = await show_person_enrollments(small.canvas, "55")
    assert found == facts.PersonEnrollments("Pat Ortiz", ())
