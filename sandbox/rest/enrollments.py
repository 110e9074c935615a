"""Enrollments of a course, a section or a person: bookmark pages, plain equality filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.ask import Ask
from sandbox.paging import Listing
from sandbox.refusals import Refusal, bad_request, not_found
from sandbox.shapes.enrollments import ROLE_IDS, enrollment_json, role_of
from sandbox.shapes.users import user_json
from sandbox.world.rows import DELETED, Enrollment

OWN_STATES = {
    "current_and_invited": {"active", "invited", "creation_pending"},
    "current_and_future": {"active", "invited", "creation_pending"},
    "current_future_and_restricted": {"active", "invited", "creation_pending"},
    "current_and_concluded": {"active", "invited", "creation_pending", "completed"},
}
STATES = {"active", "invited", "creation_pending", "deleted", "rejected", "completed", "inactive"}


def list_of_course(ask: Ask) -> Listing:
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("read_roster", course)
    return _listing(ask, ask.world.roster(course.id), _default_states(ask))


def list_of_section(ask: Ask) -> Listing:
    section = ask.find.section(ask.path["section"])
    ask.caller.need_in("read_roster", ask.world.courses[section.course_id])
    rows = [row for row in ask.world.roster(section.course_id) if row.section_id == section.id]
    return _listing(ask, rows, _default_states(ask))


def list_of_user(ask: Ask) -> Listing:
    user = ask.find.user(ask.path["user"])
    own = user.id == ask.caller.user_id
    if not own:
        ask.caller.need("read_users")
    rows = ask.world.enrollments_of_user[user.id]
    return _listing(ask, sorted(rows, key=lambda row: (row.type, row.id)), {"active", "invited"}, own=own)


def show_user(ask: Ask) -> dict[str, Any]:
    """A person; deleted and merged ones answer 404 with their object, unreadable ones a plain 404."""
    user = ask.find.any_user(ask.path["user"])
    if not (user.id == ask.caller.user_id or ask.caller.may("read_users")):
        raise not_found()
    body = {**user_json(ask, user), "email": user.email, "locale": None, "effective_locale": "en"}
    if user.state == DELETED:
        raise Refusal(404, {**body, "merged_into_user_id": user.merged_into} if user.merged_into else body)
    return body


def _default_states(ask: Ask) -> set[str]:
    current = {"active", "invited", "creation_pending"}
    return current | {"inactive"} if ask.caller.is_admin else current


def _listing(ask: Ask, rows: Iterable[Enrollment], default: set[str], *, own: bool = False) -> Listing:
    _check(ask)
    kinds, roles, ids = set(ask.params.many("type")), set(ask.params.many("role")), ask.params.many("user_id")
    states, sis_ids = _states(ask, own=own) or default, ask.params.many("sis_user_id")
    found = [
        row
        for row in rows
        if ask.world.state_of(row) in states
        and (not kinds or row.type in kinds)
        and (not roles or role_of(row.type) in roles)
        and (not ids or str(row.user_id) in ids)
        and (not sis_ids or _sis_id(ask, row) in sis_ids)
    ]
    return Listing(found, lambda row: enrollment_json(ask, row), bookmark=True)


def _sis_id(ask: Ask, row: Enrollment) -> str | None:
    login = ask.world.login_of(row.user_id)
    return login.sis_user_id if login else None


def _states(ask: Ask, *, own: bool) -> set[str]:
    """Asked states by plain equality; the synthetic ones mean something only for one's own enrollments."""
    states: set[str] = set()
    for state in ask.params.many("state"):
        if own and state not in STATES | OWN_STATES.keys():
            raise bad_request(f"Invalid state {state}", key="error")
        states |= OWN_STATES[state] if own and state in OWN_STATES else {state}
    return states


def _check(ask: Ask) -> None:
    if not set(ask.params.many("role")) <= ROLE_IDS.keys():
        raise bad_request("Invalid role")
    sis = any(name in ask.params for name in ("sis_user_id", "sis_course_id", "sis_section_id", "sis_account_id"))
    if sis and not ask.caller.may("read_sis"):
        raise bad_request("Insufficient permissions to filter by SIS fields")
    if "grading_period_id" in ask.params:
        raise bad_request("invalid grading_period_id", key="error")
