from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from canvas.accounts import show_account
from canvas.courses import list_courses, show_course
from canvas.payloads import id_order, row, rows, utc
from canvas.users import list_users, show_user
from domain import facts
from domain.errors import UpstreamForbidden, UpstreamMissing
from tests.canvas.conftest import Stand
from tests.canvas.fake import FakeCanvas, answers, ok


async def test_the_account_is_shown(small: Stand) -> None:
    account = await show_account(small.canvas)
    assert account == facts.Account("1", "Riverside State College", account.time_zone)
    assert small.bill == (1, 0)


async def test_courses_of_a_school_with_every_oddity(stand: Stand) -> None:
    courses = {course.id: course for course in await list_courses(stand.canvas)}
    world = stand.world.courses
    assert stand.bill == (1, 0)
    assert set(courses) == {str(c.id) for c in world.values() if c.state != "deleted"}
    assert list(courses) == sorted(courses, key=id_order)
    assert any(int(course_id) > 2**53 for course_id in courses)
    ids = list(world)
    unpublished, completed, by_term = (courses[str(ids[-n])] for n in (2, 3, 5))
    assert (unpublished.published, completed.completed) == (False, True)
    assert (by_term.starts_at, by_term.ends_at) == (
        datetime(2025, 5, 6, 6, tzinfo=UTC),
        datetime(2025, 11, 2, 6, tzinfo=UTC),
    )


async def test_one_course_and_one_that_is_gone(small: Stand) -> None:
    course = await show_course(small.canvas, "4821")
    assert (course.id, course.name, course.code, course.published) == ("4821", "Welding", "WLD-101", True)
    assert course in await list_courses(small.canvas)
    small.world.delete_course(4821)
    with pytest.raises(UpstreamMissing):
        await show_course(small.canvas, "4821")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_missing_right_is_named(small: Stand, status: int) -> None:
    small.behaviour.change({"forbidden_status": status})
    small.behaviour.deny(4821)
    with pytest.raises(UpstreamForbidden):
        await show_course(small.canvas, "4821")


async def test_everybody_of_an_account_is_listed_by_bookmarks(stand: Stand) -> None:
    people = await list_users(stand.canvas)
    assert len(people) == len([u for u in stand.world.users.values() if u.name != "Test Student"])
    assert [p.id for p in people] == sorted((p.id for p in people), key=id_order)
    assert stand.bill == (-(-len(people) // 100), 0)
    assert sum(p.login_id is None for p in people) >= 1
    assert sum(p.email is not None for p in people) > 100


async def test_a_deleted_or_merged_person_is_told_from_one_that_never_was(small: Stand) -> None:
    assert await show_user(small.canvas, "91") == facts.Person(
        "91", "Student1 Reed", "Reed, Student1", "reed1", "reed1@school.example", "D1"
    )
    small.world.merge_user(92, 93)
    small.world.delete_user(94)
    assert await show_user(small.canvas, "92") == facts.GonePerson("92", "Student2 Reed", "93")
    assert await show_user(small.canvas, "94") == facts.GonePerson("94", "Student4 Reed", None)
    with pytest.raises(UpstreamMissing):
        await show_user(small.canvas, "4242")


async def test_a_nickname_does_not_hide_the_name() -> None:
    payload = {"id": 9, "name": "My pet course", "original_name": "Welding", "workflow_state": "available"}
    assert (await show_course(FakeCanvas(answers(ok(payload))).canvas(), "9")).name == "Welding"


async def test_courses_survive_absent_null_and_surprising_fields() -> None:
    payload = [
        {"id": 9007199254740993, "name": None, "course_code": "WLD"},
        {"id": "2", "name": {"x": 1}, "start_at": "soon", "term": [], "end_at": "2026-05-22T00:00:00-05:00"},
        {"name": "no id"},
        "rubbish",
        None,
        {"id": "3", "name": " ", "term": {"start_at": "2026-01-05T06:00:00Z", "end_at": None}},
        {"id": None, "name": "null id"},
    ]
    courses = await list_courses(FakeCanvas(answers(ok(payload))).canvas())
    assert [(c.id, c.name, c.starts_at, c.ends_at) for c in courses] == [
        ("2", "Course 2", None, datetime(2026, 5, 22, 5, tzinfo=UTC)),
        ("3", "Course 3", datetime(2026, 1, 5, 6, tzinfo=UTC), None),
        ("9007199254740993", "WLD", None, None),
    ]


async def test_an_id_that_could_not_be_sent_back_is_none() -> None:
    """Neither may it stop the list: it is sorted by numbers, and Python makes none of thousands of digits."""
    odd = ["9" * 5_000, "1\n", "../2", "1:2", "1\0", "", True, 1.5]
    payload = [*({"id": id, "name": "Odd"} for id in odd), {"id": "3", "name": "Welding"}]
    assert [course.id for course in await list_courses(FakeCanvas(answers(ok(payload))).canvas())] == ["3"]


class Shape(msgspec.Struct):
    id: str | int
    at: datetime | None = None


def test_instants_are_utc_or_unknown() -> None:
    found = rows(
        [
            {"id": 1, "at": "2026-03-01T14:00:00Z"},
            {"id": 2, "at": "2026-03-01T14:00:00.123+02:00"},
            {"id": 3, "at": "2026-03-01T14:00:00"},
            {"id": 4, "at": "2026-03-01"},
            {"id": 5, "at": 12},
            {"id": 6, "at": None},
            {"id": 7},
        ],
        Shape,
    )
    assert [utc(one.at) for one in found] == [
        datetime(2026, 3, 1, 14, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC),
        datetime(2026, 3, 1, 14, tzinfo=UTC),
        None,
        None,
        None,
        None,
    ]


def test_what_is_no_list_or_object_is_nothing() -> None:
    assert rows({"id": 1}, Shape) == []
    assert row([1], Shape) is None
    assert row({"id": [1]}, Shape) is None


async def test_an_account_without_a_name_is_called_by_its_id() -> None:
    fake = FakeCanvas(answers(httpx.Response(200, json={"id": 12, "name": None, "default_time_zone": 5})))
    assert await show_account(fake.canvas()) == facts.Account("12", "12", None)
