"""Enrollment objects."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.shapes.users import user_json
from sandbox.world.rows import Enrollment
from sandbox.world.tables import ROOT_ID

ROLE_IDS = {
    "StudentEnrollment": 3,
    "TeacherEnrollment": 4,
    "TaEnrollment": 5,
    "DesignerEnrollment": 6,
    "ObserverEnrollment": 7,
    "StudentViewEnrollment": 3,
}
SHORT = {
    "StudentEnrollment": "student",
    "TeacherEnrollment": "teacher",
    "TaEnrollment": "ta",
    "DesignerEnrollment": "designer",
    "ObserverEnrollment": "observer",
    "StudentViewEnrollment": "student_view",
}
LONG = {short: long for long, short in SHORT.items()}


def role_of(type_name: str) -> str:
    """The built-in role of a type; the test student has the student's."""
    return "StudentEnrollment" if type_name == "StudentViewEnrollment" else type_name


def enrollment_json(ask: Ask, row: Enrollment) -> dict[str, Any]:
    """One row as the enrollments lists show it."""
    course = ask.world.courses[row.course_id]
    body: dict[str, Any] = {
        "id": row.id,
        "root_account_id": ROOT_ID,
        "course_id": row.course_id,
        "course_section_id": row.section_id,
        "user_id": row.user_id,
        "associated_user_id": row.associated_user_id,
        "type": row.type,
        "role": role_of(row.type),
        "role_id": ROLE_IDS[row.type],
        "enrollment_state": ask.world.state_of(row),
        "limit_privileges_to_course_section": False,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "start_at": row.start_at,
        "end_at": row.end_at,
        "last_activity_at": row.last_activity_at,
        "last_attended_at": None,
        "total_activity_time": row.total_activity_time,
        "html_url": f"{ask.base}/courses/{row.course_id}/users/{row.user_id}",
        "user": user_json(ask, ask.world.users[row.user_id]),
    }
    if ask.caller.may("read_sis"):
        body |= {"sis_account_id": None, "sis_course_id": course.sis_id, "course_integration_id": None}
        body |= {"sis_section_id": None, "section_integration_id": None}
        body["sis_user_id"] = body["user"]["sis_user_id"]
    if row.type in {"StudentEnrollment", "StudentViewEnrollment"}:
        body["grades"] = grades_json(ask, row)
    return body


def grades_json(ask: Ask, row: Enrollment) -> dict[str, Any]:
    return {
        "html_url": f"{ask.base}/courses/{row.course_id}/grades/{row.user_id}",
        "current_grade": None,
        "current_score": row.current_score,
        "final_grade": None,
        "final_score": row.final_score,
    }


def short_json(row: Enrollment, state: str) -> dict[str, Any]:
    """The form inside a user's own course list; the type is the short word here."""
    return {
        "type": SHORT[row.type],
        "role": role_of(row.type),
        "role_id": ROLE_IDS[row.type],
        "user_id": row.user_id,
        "enrollment_state": state,
        "limit_privileges_to_course_section": False,
    }
