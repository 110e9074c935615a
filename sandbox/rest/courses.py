"""One course, a person's courses, and the people of a course."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.paging import Listing
from sandbox.refusals import bad_request, not_found
from sandbox.rest.accounts import matches, search_term
from sandbox.shapes.courses import course_json, state_name
from sandbox.shapes.enrollments import LONG, enrollment_json, short_json
from sandbox.shapes.users import user_with_extras
from sandbox.world.rows import DELETED, Course, Enrollment, User

WANTED = {"active": {"active"}, "invited_or_pending": {"invited", "creation_pending"}, "completed": {"completed"}}


def show_course(ask: Ask) -> dict[str, Any]:
    """A course with the caller's own enrollments."""
    course = ask.find.course(ask.path["course"])
    if not (course.state == DELETED and ask.includes("all_courses")):
        ask.caller.need_in("read", course)
    own = [row for row in ask.world.enrollments_of_user[ask.caller.user_id] if row.course_id == course.id]
    enrollments = [short_json(row, row.state) for row in own if row.state != DELETED]
    return {**course_json(ask, course, nickname=True), "enrollments": enrollments}


def list_courses_of_user(ask: Ask) -> Listing:
    """A person's courses by name, with `last`; states follow the dates of course and term here."""
    user = ask.find.user(ask.path["user"])
    if not (user.id == ask.caller.user_id or ask.caller.may("read_users")):
        raise not_found()
    found: dict[int, list[Enrollment]] = {}
    for row in ask.world.enrollments_of_user[user.id]:
        if row.state not in {DELETED, "rejected", "inactive"} and _wanted(ask, row):
            found.setdefault(row.course_id, []).append(row)
    rows = [ask.world.courses[key] for key in found if ask.world.courses[key].state != DELETED]
    states = ask.params.many("state")
    if states:
        rows = [row for row in rows if state_name(row) in states]
    rows.sort(key=lambda row: (row.name.casefold(), row.id))
    return Listing(rows, lambda row: _own_course(ask, row, found[row.id]))


def list_course_users(ask: Ask) -> Listing:
    """Distinct people; the test student is thrown out after paging unless asked for."""
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("read_roster", course)
    kinds = ask.params.many("enrollment_type")
    if not set(kinds) <= LONG.keys():
        raise bad_request(f"Invalid enrollment type: {kinds[0]}")
    rows = [row for row in ask.world.enrollments_of_course[course.id] if _counts(ask, row, kinds)]
    by_user: dict[int, list[Enrollment]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(row)
    ids, term = ask.params.many("user_ids"), search_term(ask)
    users = [ask.world.users[key] for key in by_user if not ids or str(key) in ids]
    users = [user for user in users if term is None or matches(ask, user, term)]
    users.sort(key=lambda user: (user.sortable_name.casefold(), user.id))
    tests = {key for key, own in by_user.items() if all(row.type == "StudentViewEnrollment" for row in own)}
    keep_tests = ask.includes("test_student") or "student_view" in kinds
    return Listing(
        users,
        lambda user: _course_user(ask, course, user, by_user[user.id]),
        total=False,
        drop=None if keep_tests else lambda user: user.id in tests,
    )


def _counts(ask: Ask, row: Enrollment, kinds: list[str]) -> bool:
    states = ask.params.many("enrollment_state") or ["active", "invited", "creation_pending"]
    kinds = [LONG[kind] for kind in kinds]
    return ask.world.state_of(row) in states and (not kinds or row.type in kinds)


def _course_user(ask: Ask, course: Course, user: User, rows: list[Enrollment]) -> dict[str, Any]:
    body = user_with_extras(ask, user)
    if ask.includes("enrollments"):
        body["enrollments"] = [enrollment_json(ask, row) for row in rows]
    if ask.includes("group_ids"):
        groups = [
            ask.world.groups[row.group_id] for row in ask.world.memberships_of_user[user.id] if row.state == "accepted"
        ]
        body["group_ids"] = [group.id for group in groups if group.course_id == course.id]
    return body


def _wanted(ask: Ask, row: Enrollment) -> bool:
    kind, state = ask.params.text("enrollment_type"), ask.params.text("enrollment_state")
    if kind and row.type != LONG.get(kind):
        return False
    return state is None or state_now(ask, row) in WANTED.get(state, ())


def state_now(ask: Ask, row: Enrollment) -> str:
    """The row's state with the dates applied: in a concluded course or term an active row reads completed."""
    course = ask.world.courses[row.course_id]
    return "completed" if row.state == "active" and ask.world.concluded(course) else row.state


def _own_course(ask: Ask, course: Course, rows: list[Enrollment]) -> dict[str, Any]:
    if course.restrict_dates and course.start_at and course.start_at > ask.world.now() and not ask.caller.is_admin:
        return {"id": course.id, "access_restricted_by_date": True}
    enrollments = [short_json(row, state_now(ask, row)) for row in rows]
    return {**course_json(ask, course, nickname=True), "enrollments": enrollments}
