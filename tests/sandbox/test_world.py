"""Worlds from a seed: the same every time, of any size, with everything the client must survive in them."""

from __future__ import annotations

import time
from datetime import date

import msgspec
import pytest

from sandbox.world import World
from sandbox.world.names import FIRST, LAST, login_of, person, user_id_of
from sandbox.world.times import instant, local

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def demo() -> World:
    return World.generate(today=TODAY)


def _dump(world: World) -> bytes:
    tables = ("users", "logins", "courses", "enrollments", "categories", "groups", "memberships", "events")
    return msgspec.json.encode([list(getattr(world, name).values()) for name in tables])


def test_a_seed_makes_the_same_world_again(demo: World) -> None:
    assert _dump(World.generate(today=TODAY)) == _dump(demo)
    assert _dump(World.generate(today=TODAY, seed=2)) != _dump(demo)


def test_the_demo_world_has_its_promised_size(demo: World) -> None:
    named = [
        row for row in demo.users.values() if row.id != 7 and "Parent" not in row.name and row.name != "Test Student"
    ]

    assert (len(demo.courses), len(named)) == (60, 410)


def test_people_can_be_named_without_the_world(demo: World) -> None:
    assert (len(FIRST), len(LAST)) == (96, 128)
    for n in range(1, 401):
        first, last = person(1, n)
        user, login = demo.users[user_id_of(n)], demo.login_of(user_id_of(n))
        assert user.name == f"{first} {last}".strip()
        if n != 26:
            assert login is not None
            assert (login.unique_id, login.sis_user_id) == (login_of(first, last, n), f"D{n:05d}")
    assert (person(1, 1), login_of(*person(1, 19), 19)) == (("Brandon", "Black"), "jose.nunez.19")


def test_every_kind_of_course_is_there(demo: World) -> None:
    courses = list(demo.courses.values())

    assert {row.state for row in courses} == {"available", "created", "completed", "deleted"}
    assert [row.id for row in courses if not row.readable] == [4055]
    assert [row.id for row in courses if row.id > 2**53] == [74_140_000_000_000_010]
    assert {row.time_zone for row in courses} == {"America/Chicago", "America/Denver"}
    assert sum(row.start_at is None for row in courses) == 41
    assert demo.courses[4057].end_at == "2026-11-10T06:00:00Z"
    assert demo.terms[demo.courses[4056].term_id].end_at == "2026-07-23T06:00:00Z"


def test_every_kind_of_enrollment_is_there(demo: World) -> None:
    rows = list(demo.enrollments.values())
    by_pair: dict[tuple[int, int], set[str]] = {}
    for row in rows:
        by_pair.setdefault((row.course_id, row.user_id), set()).add(row.type)

    assert {row.state for row in rows} == {
        "active", "invited", "creation_pending", "completed", "inactive", "rejected", "deleted",
    }  # fmt: skip
    assert {row.type for row in rows} == {
        "StudentEnrollment", "TeacherEnrollment", "TaEnrollment", "ObserverEnrollment", "StudentViewEnrollment",
    }  # fmt: skip
    assert {"StudentEnrollment", "TaEnrollment"} in by_pair.values()
    assert len({row.user_id for row in demo.enrollments_of_course[4003] if row.type == "StudentEnrollment"}) > 100
    teacher = user_id_of(401)
    assert {row.type for row in demo.enrollments_of_user[teacher]} == {"StudentEnrollment", "TeacherEnrollment"}
    sections = {row.section_id for row in demo.enrollments_of_course[4005] if row.type == "StudentEnrollment"}
    assert len(sections) == 2


def test_every_kind_of_group_is_there(demo: World) -> None:
    sets = list(demo.categories.values())

    assert {row.role for row in sets} == {None, "student_organized"}
    assert {row.self_signup for row in sets} == {None, "enabled"}
    assert any(row.non_collaborative for row in sets)
    assert any(demo.is_full(group) for group in demo.groups.values())
    assert all(len(demo.unassigned(row)) >= 1 for row in sets if row.name == "Project Teams" and row.course_id != 4053)
    assert demo.live_categories(4006) == []


def test_every_kind_of_event_is_there(demo: World) -> None:
    rows = list(demo.events.values())
    weekly = [row for row in demo.events_of_context["course_4001"] if row.series_uuid]

    assert {row.state for row in rows} == {"active", "deleted"}
    assert any(row.start_at is None for row in rows)
    assert any(row.all_day for row in rows)
    assert any(demo.hidden(row) for row in rows)
    assert {instant(row.start_at or "").hour for row in weekly} == {14, 15}
    assert {local(row.start_at or "", "America/Chicago").hour for row in weekly} == {9}


def test_a_plain_world_is_exactly_as_large_as_asked() -> None:
    world = World.generate(courses=20, students=100, students_per_course=30, weeks=4, plain=True, today=TODAY)

    sizes = {sum(row.type == "StudentEnrollment" for row in world.enrollments_of_course[key]) for key in world.courses}
    assert sizes == {30}
    assert {row.state for row in world.enrollments.values()} == {"active"}
    assert (len(world.events), len(world.categories), len(world.groups)) == (80, 20, 120)


def test_tiny_worlds_work() -> None:
    world = World.generate(courses=1, students=2, today=TODAY)

    assert (len(world.courses), len(world.enrollments_of_course[4001])) == (1, 3)


def test_a_thousand_courses_take_seconds() -> None:
    begun = time.perf_counter()
    world = World.generate(courses=1000, students=3000, plain=True, today=TODAY)

    assert len(world.enrollments) == 31_000
    assert time.perf_counter() - begun < 15
