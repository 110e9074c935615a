from __future__ import annotations

import csv
import io
import json

import httpx
import pytest

from canvas.course_groups import list_many_course_groups
from canvas.errors import GraphqlUnavailable
from canvas.group_memberships import create_membership, delete_membership, invite, list_memberships, replace_members
from canvas.groups import (
    assign_unassigned,
    create_group,
    create_group_set,
    import_memberships,
    list_course_groups,
    list_unassigned,
    show_group,
    start_assigning_unassigned,
)
from canvas.progress import read_progress, show_progress
from domain import facts
from domain.errors import UpstreamError, UpstreamForbidden, UpstreamMissing, UpstreamRejected, UpstreamUnreadable
from sandbox.behaviour import Fault
from sandbox.world import World
from tests.canvas.conftest import TODAY, Stand
from tests.canvas.fake import FakeCanvas, answers, ok


def member_ids(group: facts.Group) -> list[str]:
    assert group.members is not None
    return [member.user_id for member in group.members]


def pair(small: Stand) -> tuple[str, str, str]:
    """A set with two groups; student 91 in the first."""
    found = small.world.add_group_set(4821, "Lab teams")
    one, two = small.world.add_group(found.id, "One"), small.world.add_group(found.id, "Two")
    small.world.join(one.id, 91)
    return str(found.id), str(one.id), str(two.id)


async def test_the_groups_of_a_school_are_the_same_both_ways(stand: Stand) -> None:
    courses = [
        str(course.id) for course in stand.world.courses.values() if course.state != "deleted" and course.readable
    ]
    by_graphql = await list_many_course_groups(stand.canvas, courses)
    assert stand.bill == (0, 3)
    compared = 0
    for course_id in courses[:12]:
        by_rest = await list_course_groups(stand.canvas, course_id)
        many = by_graphql[course_id]
        assert isinstance(many, facts.CourseGroups)
        assert shape(many) == shape(by_rest)
        compared += sum(len(one.groups) for one in by_rest.sets)
    assert compared > 10


def shape(found: facts.CourseGroups) -> list[object]:
    """What both ways tell: GraphQL has no descriptions and the set's limit only, REST no members' names."""
    return [
        (
            one.id,
            one.name,
            one.self_signup,
            [(g.id, g.name, [(m.user_id, m.state) for m in g.members or ()]) for g in one.groups],
        )
        for one in found.sets
    ]


async def test_two_hundred_courses_cost_ten_requests() -> None:
    stand = Stand(
        World.generate(seed=1, courses=200, students=100, students_per_course=10, weeks=1, today=TODAY, plain=True)
    )
    stand.behaviour.throttling = False
    courses = [str(course_id) for course_id in stand.world.courses]
    found = await list_many_course_groups(stand.canvas, courses)
    assert stand.bill == (0, 10)
    assert all(isinstance(one, facts.CourseGroups) and one.complete and len(one.sets) == 1 for one in found.values())
    await stand.pool.aclose()


async def test_large_sets_and_groups_go_on_page_by_page(small: Stand) -> None:
    small.behaviour.throttling = False
    found = small.world.add_group_set(4821, "Large")
    for n in range(230):
        small.world.add_group(found.id, f"Group {n:03}")
    crowd = small.world.add_group(small.world.add_group_set(4821, "Crowd").id, "Everybody")
    for n in range(240):
        small.world.add_user(f"More {n}", id=1000 + n)
        small.world.enrol(4821, 1000 + n)
        small.world.join(crowd.id, 1000 + n)
    many = (await list_many_course_groups(small.canvas, ["4821"]))["4821"]
    assert isinstance(many, facts.CourseGroups)
    assert [len(one.groups) for one in many.sets] == [230, 1]
    assert len(member_ids(many.sets[1].groups[0])) == 240
    assert small.bill == (0, 3)


async def test_a_course_without_sets_costs_one_request(small: Stand) -> None:
    assert await list_course_groups(small.canvas, "4821") == facts.CourseGroups(())
    assert small.bill == (1, 0)


async def test_student_organised_sets_come_only_when_asked_for_and_tags_never(small: Stand) -> None:
    small.world.add_group_set(4821, "Clubs", role="student_organized")
    small.world.add_group_set(4821, "Tag", non_collaborative=True)
    assert (await list_course_groups(small.canvas, "4821")).sets == ()
    found = await list_course_groups(small.canvas, "4821", student_organized=True)
    assert [(one.name, one.student_organized) for one in found.sets] == [("Clubs", True)]
    assert await list_many_course_groups(small.canvas, ["4821"]) == {"4821": facts.CourseGroups(())}


async def test_what_may_not_be_seen_is_not_taken_for_empty(small: Stand) -> None:
    _, one, _ = pair(small)
    small.behaviour.deny(4821, "read_roster")
    found = await list_course_groups(small.canvas, "4821")
    assert (found.complete, found.sets[0].groups[0].members) == (False, None)
    many = await list_many_course_groups(small.canvas, ["4821", "77"])
    assert isinstance(many["4821"], facts.CourseGroups)
    assert many["4821"].complete is False
    assert type(many["77"]) is UpstreamMissing
    small.behaviour.deny(4821, "manage_groups")
    with pytest.raises(UpstreamForbidden):
        await list_course_groups(small.canvas, "4821")
    assert one


async def test_a_page_of_members_that_fails_is_about_its_group_alone() -> None:
    goes_on = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}
    ends = {"nodes": [{"state": "accepted", "user": {"_id": "7"}}], "pageInfo": {"hasNextPage": False}}
    nodes = [
        {"_id": id, "name": id, "nonCollaborative": False, "membersConnection": members}
        for id, members in (("5", goes_on), ("6", ends))
    ]
    one = {"_id": "9", "name": "S", "groupsConnection": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}}
    first = ok({"data": {"courses": [{"_id": "1", "groupSets": [one]}]}})
    broken = ok({"data": {"p0": None}, "errors": [{"message": "x", "path": ["p0"]}]})
    for second in (httpx.ReadTimeout(""), broken):
        fake = FakeCanvas(answers(first, second))
        found = (await list_many_course_groups(fake.canvas(), ["1"]))["1"]
        assert isinstance(found, facts.CourseGroups)
        known = [group.members and [member.user_id for member in group.members] for group in found.sets[0].groups]
        assert (known, found.complete) == ([None, ["7"]], False)


async def test_a_page_of_groups_that_fails_fails_its_course() -> None:
    """And so does one that goes round in a circle."""
    members = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}
    group = {"_id": "5", "name": "G", "nonCollaborative": False, "membersConnection": members}
    groups = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "c1"}}
    one = {"_id": "9", "name": "S", "memberLimit": None, "selfSignup": "disabled", "groupsConnection": groups}
    data = {
        "courses": [{"_id": "1", "groupSets": [one]}, {"_id": "2", "groupSets": []}, {"_id": "3", "groupSets": None}]
    }
    fake = FakeCanvas(answers(ok({"data": data}), httpx.ReadTimeout("")))
    found = await list_many_course_groups(fake.canvas(), ["1", "2", "3"])
    assert isinstance(found["1"], UpstreamError)
    assert found["2"] == facts.CourseGroups(())
    assert type(found["3"]) is UpstreamForbidden
    one["groupsConnection"] = {"nodes": [group], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    circle = FakeCanvas(answers(ok({"data": data}), ok({"data": {"p0": {"membersConnection": members}}})))
    assert type((await list_many_course_groups(circle.canvas(), ["1"]))["1"]) is UpstreamUnreadable


async def test_an_old_canvas_says_so(small: Stand) -> None:
    small.behaviour.has_graphql_courses = False
    with pytest.raises(GraphqlUnavailable):
        await list_many_course_groups(small.canvas, ["4821"])


async def test_one_person_is_put_in_and_taken_out(small: Stand) -> None:
    _, one, two = pair(small)
    assert (await create_membership(small.canvas, two, "91")).state == "accepted"
    assert await list_memberships(small.canvas, one) == ()
    await create_membership(small.canvas, two, "91")
    assert member_ids(await show_group(small.canvas, two)) == ["91"]
    await delete_membership(small.canvas, two, "91")
    await delete_membership(small.canvas, two, "91")
    assert member_ids(await show_group(small.canvas, two)) == []
    with pytest.raises(UpstreamForbidden):
        await create_membership(small.canvas, two, "7")


async def test_a_full_group_says_full(small: Stand) -> None:
    set_id, _, _ = pair(small)
    group = await create_group(small.canvas, set_id, "Tiny", "Two at most", 2)
    assert (group.name, group.description, group.max_members, group.members) == ("Tiny", "Two at most", 2, ())
    for user_id in ("92", "93"):
        await create_membership(small.canvas, group.id, user_id)
    with pytest.raises(UpstreamRejected) as refused:
        await create_membership(small.canvas, group.id, "94")
    assert (refused.value.fields, refused.value.types) == (("group_id",), ("full",))


async def test_replacing_members_answers_who_is_in_now(small: Stand) -> None:
    _, one, two = pair(small)
    assert await replace_members(small.canvas, two, ["92", "91", "7"]) == ("91", "92")
    assert member_ids(await show_group(small.canvas, one)) == []
    assert await replace_members(small.canvas, two, []) == ()
    assert member_ids(await show_group(small.canvas, two)) == []


@pytest.mark.parametrize("user_id", ["sis_user_id:D1", "1~5", "", "x"])
async def test_a_text_that_canvas_would_read_as_0_never_empties_a_group(small: Stand, user_id: str) -> None:
    _, one, _ = pair(small)
    with pytest.raises(UpstreamMissing):
        await replace_members(small.canvas, one, ["91", user_id])
    assert member_ids(await show_group(small.canvas, one)) == ["91"]


async def test_members_are_read_back_where_the_answer_leaves_them_out() -> None:
    fake = FakeCanvas(answers(ok({"id": 5}), ok([{"user_id": 9, "workflow_state": "accepted"}])))
    assert await replace_members(fake.canvas(), "5", ["9", "8"]) == ("9",)
    assert json.loads(fake.requests[0].content) == {"members": ["9", "8"]}


async def test_people_are_invited_by_address(small: Stand) -> None:
    _, one, _ = pair(small)
    assert [m.user_id for m in await invite(small.canvas, one, ["reed2@school.example"])] == ["92"]


async def test_a_new_set_is_empty_and_a_taken_name_is_told(small: Stand) -> None:
    made = await create_group_set(small.canvas, "4821", "Fresh")
    assert (made.name, made.groups, made.self_signup) == ("Fresh", (), False)
    assert await list_unassigned(small.canvas, made.id) == ["91", "92", "93", "94"]
    with pytest.raises(UpstreamRejected) as refused:
        await create_group_set(small.canvas, "4821", "Fresh")
    assert "name" in refused.value.fields


async def test_the_unassigned_are_spread_at_once_or_by_a_job(small: Stand) -> None:
    set_id, one, two = pair(small)
    placed = await assign_unassigned(small.canvas, set_id)
    assert set(placed) <= {one, two}
    assert sorted(user_id for users in placed.values() for user_id in users) == ["92", "93", "94"]
    assert await list_unassigned(small.canvas, set_id) == []
    job = await start_assigning_unassigned(small.canvas, set_id)
    for _ in range(5):
        job = await show_progress(small.canvas, job.id)
    assert (job.state, job.finished) == ("completed", True)


async def test_a_whole_course_is_placed_by_one_table(small: Stand) -> None:
    set_id, one, two = pair(small)
    job = await import_memberships(small.canvas, set_id, [("91", two), ("92", one), ("93", one)])
    for _ in range(5):
        job = await show_progress(small.canvas, job.id)
    assert (job.state, job.users, job.import_failed) == ("completed", 3, False)
    assert member_ids(await show_group(small.canvas, one)) == ["92", "93"]
    assert member_ids(await show_group(small.canvas, two)) == ["91"]


async def test_the_table_is_a_csv_of_canvas_ids() -> None:
    fake = FakeCanvas(answers(ok({"id": 1, "workflow_state": "queued"})))
    await import_memberships(fake.canvas(), "4", [("1", "2")])
    assert list(csv.reader(io.StringIO(fake.requests[0].content.decode()))) == [
        ["canvas_user_id", "canvas_group_id"],
        ["1", "2"],
    ]


def test_a_failed_import_is_told_without_its_words() -> None:
    message = json.dumps({"type": "import_groups", "groups": 0, "users": 0, "error": "boom"})
    job = read_progress(1, {"id": 2, "workflow_state": "failed", "completion": None, "message": message})
    assert job == facts.Progress("2", "failed", None, 0, 0, import_failed=True)
    plain = read_progress(1, {"id": 2, "workflow_state": "running", "completion": 35.0, "message": "plain words"})
    assert (plain.groups, plain.import_failed, plain.finished) == (None, False, False)


async def test_a_lost_answer_of_a_write_is_not_repeated(small: Stand) -> None:
    _, _, two = pair(small)
    small.behaviour.faults = [Fault(kind="status", path="memberships", method="POST")]
    with pytest.raises(UpstreamError):
        await create_membership(small.canvas, two, "92")
    assert small.bill == (1, 0)
