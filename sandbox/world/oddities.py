"""What real Canvases hold and kind fakes leave out: odd enrollments, odd courses, people in two roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world.diary import Diary
from sandbox.world.names import user_id_of

if TYPE_CHECKING:
    from sandbox.world.generate import Plan

FEWEST_FOR_ODD_COURSES = 20
STATES = ("invited", "completed", "inactive", "rejected", "deleted", "creation_pending")


def add_oddities(world: Diary, plan: Plan) -> None:
    """Spread odd enrollments over all courses and bend the last eight into odd ones."""
    ids = list(world.courses)
    for i, course_id in enumerate(ids, start=1):
        _bend_roster(world, i, course_id)
    teacher = user_id_of(plan.staff[0])
    former = world.enrol(ids[0], teacher, created_at=plan.day(-290))
    former.state = "completed"
    if len(ids) >= FEWEST_FOR_ODD_COURSES:
        _bend_courses(world, plan, ids)


def _bend_roster(world: Diary, i: int, course_id: int) -> None:
    students = [row for row in world.enrollments_of_course[course_id] if row.type == "StudentEnrollment"]
    if i % 4 == 0:
        for row, state in zip(students[1:], STATES, strict=False):
            row.state = state
    if i % 5 == 0:
        section = world.add_section(course_id, f"{world.courses[course_id].course_code} B")
        for row in students[::2]:
            row.section_id = section.id
        both, home = students[0], world.sections_of_course[course_id][0]
        world.enrol(course_id, both.user_id, section_id=home.id, created_at=both.created_at)
    if i % 6 == 0:
        test = world.add_user("Test Student", sortable_name="Student, Test", short_name="Test Student")
        world.enrol(course_id, test.id, type="StudentViewEnrollment")
    if i % 7 == 0:
        world.enrol(course_id, students[-1].user_id, type="TaEnrollment", created_at=students[-1].created_at)
    if i % 8 == 0:
        watcher = world.add_user(f"Parent of {world.users[students[0].user_id].name}", login=f"parent.{i}")
        world.enrol(course_id, watcher.id, type="ObserverEnrollment", associated_user_id=students[0].user_id)


def _bend_courses(world: Diary, plan: Plan, ids: list[int]) -> None:
    """From the end: deleted, unpublished, completed, over by date, over by term, unreadable, still to come, empty."""
    courses = [world.courses[key] for key in reversed(ids)]
    courses[0].state = "deleted"
    courses[1].state = "created"
    courses[2].state = "completed"
    courses[3].end_at = plan.day(-10).strftime("%Y-%m-%dT%H:%M:%SZ")
    courses[4].term_id, courses[4].start_at, courses[4].end_at = 6, None, None
    courses[5].readable = False
    courses[6].term_id, courses[6].start_at, courses[6].end_at = 8, None, None
    for row in world.enrollments_of_course[courses[7].id]:
        row.state = "deleted"
