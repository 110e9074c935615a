"""Account, term and course objects."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.shapes.users import display_json
from sandbox.world.rows import Account, Course, Enrollment, Term
from sandbox.world.tables import ROOT_ID

PENDING = {"active", "invited", "creation_pending"}
FIXED: dict[str, Any] = {
    "default_view": "modules",
    "is_public": False,
    "is_public_to_auth_users": False,
    "public_syllabus": False,
    "public_syllabus_to_auth": False,
    "grading_standard_id": None,
    "license": "private",
    "grade_passback_setting": None,
    "storage_quota_mb": 500,
    "homeroom_course": False,
    "course_color": None,
    "friendly_name": None,
    "apply_assignment_group_weights": False,
    "hide_final_grades": False,
    "blueprint": False,
    "template": False,
    "course_format": "on_campus",
}


def account_json(ask: Ask, account: Account) -> dict[str, Any]:
    """An account; the root names no root of its own."""
    is_root = account.id == ROOT_ID
    body = {
        "id": account.id,
        "name": account.name,
        "parent_account_id": account.parent_id,
        "root_account_id": None if is_root else ROOT_ID,
        "workflow_state": "active",
        "uuid": f"account-{account.id:x}",
        "default_time_zone": account.time_zone,
        "default_storage_quota_mb": 500,
        "default_user_storage_quota_mb": 50,
        "default_group_storage_quota_mb": 50,
        "course_template_id": None,
    }
    if not is_root and ask.caller.may("read_sis"):
        body |= {"sis_account_id": account.sis_id, "sis_import_id": None, "integration_id": None}
    return body


def term_json(ask: Ask, term: Term) -> dict[str, Any]:
    body = {
        "id": term.id,
        "name": term.name,
        "start_at": term.start_at,
        "end_at": term.end_at,
        "created_at": term.created_at,
        "workflow_state": "active",
        "grading_period_group_id": None,
    }
    return {**body, "sis_term_id": term.sis_id} if ask.caller.may("read_sis") else body


def state_name(course: Course) -> str:
    """REST folds `created` and `claimed` into `unpublished`."""
    return "unpublished" if course.state in {"created", "claimed"} else course.state


def course_json(ask: Ask, course: Course, *, nickname: bool = False) -> dict[str, Any]:
    """A course; with `nickname` the caller's own name for it stands in `name`."""
    body: dict[str, Any] = {
        "id": course.id,
        "name": course.name,
        "course_code": course.course_code,
        "account_id": course.account_id,
        "root_account_id": ROOT_ID,
        "uuid": f"course-{course.id:x}",
        "workflow_state": state_name(course),
        "enrollment_term_id": course.term_id,
        "start_at": course.start_at,
        "end_at": course.end_at,
        "created_at": course.created_at,
        "time_zone": course.time_zone,
        "restrict_enrollments_to_course_dates": course.restrict_dates,
        **FIXED,
        "calendar": {"ics": f"{ask.base}/feeds/calendars/course_course-{course.id:x}.ics"},
    }
    if nickname and course.nickname:
        body |= {"name": course.nickname, "original_name": course.name}
    if ask.caller.may("read_sis"):
        body |= {"sis_course_id": course.sis_id, "integration_id": None, "sis_import_id": None}
    return body | _extras(ask, course)


def head_count(ask: Ask, course: Course) -> int:
    """Distinct people with an active or pending student enrollment; the test student has another type."""
    rows = ask.world.enrollments_of_course[course.id]
    return len({row.user_id for row in rows if row.type == "StudentEnrollment" and ask.world.state_of(row) in PENDING})


def _extras(ask: Ask, course: Course) -> dict[str, Any]:
    world, body = ask.world, dict[str, Any]()
    if ask.includes("term"):
        body["term"] = term_json(ask, world.terms[course.term_id])
    if ask.includes("total_students"):
        body["total_students"] = head_count(ask, course)
    if ask.includes("concluded"):
        body["concluded"] = world.concluded(course)
    if ask.includes("account_name"):
        body["account_name"] = world.accounts[course.account_id].name
    if ask.includes("account"):
        body["account"] = account_json(ask, world.accounts[course.account_id])
    if ask.includes("course_image"):
        body["image_download_url"] = None
    if ask.includes("public_description"):
        body["public_description"] = None
    if ask.includes("teachers"):
        body["teachers"] = [display_json(ask, world.users[key]) for key in teacher_ids(ask, course)]
    return body


def teacher_ids(ask: Ask, course: Course) -> list[int]:
    """Active teachers, each once."""
    rows: list[Enrollment] = ask.world.enrollments_of_course[course.id]
    return list(dict.fromkeys(row.user_id for row in rows if row.type == "TeacherEnrollment" and row.state == "active"))
