"""Courses, sections and enrollments in GraphQL: null where the right is missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sandbox.graphql.context import Context, Resolvers, any_id, connect
from sandbox.graphql.query import ids_of
from sandbox.shapes.enrollments import ROLE_IDS, role_of
from sandbox.world import rows as r

CURRENT = {"active", "invited", "creation_pending"}


def enrollments(source: r.Course, info: Any, filter: dict[str, Any] | None = None, **page: Any) -> Any:
    """Everything but deleted unless states are named; one row a section."""
    context: Context = info.context
    if not context.caller.may_in("read_roster", source):
        return None
    return connect(context, _filtered(context, source, filter or {}), **page)


def _filtered(context: Context, course: r.Course, filter: dict[str, Any]) -> list[r.Enrollment]:
    rows = context.world.enrollments_of_course[course.id]
    states, types = filter.get("states"), filter.get("types")
    rows = [row for row in rows if (row.state in states if states else row.state != r.DELETED)]
    if types:
        rows = [row for row in rows if row.type in types]
    if filter.get("userIds"):
        ids = set(map(any_id, filter["userIds"]))
        rows = [row for row in rows if row.user_id in ids]
    if filter.get("associatedUserIds"):
        ids = set(map(any_id, filter["associatedUserIds"]))
        rows = [row for row in rows if row.associated_user_id in ids]
    return rows


def course_people(context: Context, course: r.Course, filter: dict[str, Any] | None) -> list[r.User] | None:
    """Distinct people of a roster by sortable name; None without the right."""
    if not context.caller.may_in("read_roster", course):
        return None
    wanted, world = filter or {}, context.world
    states = wanted.get("enrollmentStates") or CURRENT
    types = wanted.get("enrollmentTypes")
    rows = [row for row in world.enrollments_of_course[course.id] if row.state in states]
    if types:
        rows = [row for row in rows if row.type in types]
    if wanted.get("excludeTestStudents"):
        rows = [row for row in rows if row.type != "StudentViewEnrollment"]
    ids = {row.user_id for row in rows}
    if wanted.get("userIds"):
        ids &= set(map(any_id, wanted["userIds"]))
    term = (wanted.get("searchTerm") or "").casefold()
    users = [world.users[key] for key in ids]
    return sorted((u for u in users if term in u.name.casefold()), key=lambda u: (u.sortable_name.casefold(), u.id))


def users(source: r.Course, info: Any, filter: dict[str, Any] | None = None, **page: Any) -> Any:
    rows = course_people(info.context, source, filter)
    return None if rows is None else connect(info.context, rows, **page)


def users_count(source: r.Course, info: Any, filter: dict[str, Any] | None = None) -> int | None:
    rows = course_people(info.context, source, filter)
    return None if rows is None else len(rows)


def sections(source: r.Course, info: Any, **page: Any) -> Any:
    rows = [row for row in info.context.world.sections_of_course[source.id] if row.state != r.DELETED]
    return connect(info.context, rows, **page)


def section_user_count(source: r.Section, info: Any) -> int:
    rows = info.context.world.enrollments_of_course[source.course_id]
    return len({row.user_id for row in rows if row.section_id == source.id and row.state in CURRENT})


def grades(source: r.Enrollment, info: Any) -> Any:
    if source.type not in {"StudentEnrollment", "StudentViewEnrollment"}:
        return None
    url = f"{info.context.base}/courses/{source.course_id}/grades/{source.user_id}"
    return SimpleNamespace(
        currentGrade=None,
        currentScore=source.current_score,
        finalGrade=None,
        finalScore=source.final_score,
        htmlUrl=url,
    )


def role(source: r.Enrollment, _: Any) -> Any:
    return SimpleNamespace(_id=str(ROLE_IDS[source.type]), name=role_of(source.type))


def _html_url(source: r.Enrollment, info: Any) -> str:
    return f"{info.context.base}/courses/{source.course_id}/users/{source.user_id}"


def _associated(source: r.Enrollment, info: Any) -> r.User | None:
    key = source.associated_user_id
    return info.context.world.users[key] if key else None


def _sis_id(source: Any, info: Any) -> str | None:
    return source.sis_id if info.context.caller.may("read_sis") else None


def _concluded(source: r.Enrollment, info: Any) -> bool:
    world = info.context.world
    return source.state == "completed" or world.concluded(world.courses[source.course_id])


COURSE: Resolvers = {
    **ids_of("Course"),
    "courseCode": lambda source, _: source.course_code,
    "courseNickname": lambda source, _: source.nickname,
    "imageUrl": lambda *_: None,
    "sisId": _sis_id,
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.updated_at,
    "term": lambda source, info: info.context.world.terms[source.term_id],
    "account": lambda source, info: info.context.world.accounts[source.account_id],
    "sectionsConnection": sections,
    "enrollmentsConnection": enrollments,
    "usersConnection": users,
    "usersConnectionCount": users_count,
}
SECTION: Resolvers = {
    **ids_of("Section"),
    "sisId": _sis_id,
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.created_at,
    "userCount": section_user_count,
}
ENROLLMENT: Resolvers = {
    **ids_of("Enrollment"),
    "userId": lambda source, _: str(source.user_id),
    "user": lambda source, info: info.context.world.users[source.user_id],
    "course": lambda source, info: info.context.world.courses[source.course_id],
    "courseSectionId": lambda source, _: str(source.section_id),
    "section": lambda source, info: info.context.world.sections[source.section_id],
    "enrollmentState": lambda source, _: source.state,
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.updated_at,
    "startAt": lambda source, _: source.start_at,
    "endAt": lambda source, _: source.end_at,
    "lastActivityAt": lambda source, _: source.last_activity_at,
    "associatedUser": _associated,
    "role": role,
    "limitPrivilegesToCourseSection": lambda *_: False,
    "concluded": _concluded,
    "totalActivityTime": lambda source, _: source.total_activity_time,
    "grades": grades,
    "sisImportId": lambda *_: None,
    "uuid": lambda source, _: f"enrollment-{source.id:x}",
    "htmlUrl": _html_url,
}
