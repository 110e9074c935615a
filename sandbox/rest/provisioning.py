"""The data sets of the provisioning report, heading first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.shapes.enrollments import ROLE_IDS, role_of
from sandbox.world import World
from sandbox.world.rows import DELETED, Group

STATUS = {"completed": "concluded", "creation_pending": "invited", "available": "active", "created": "unpublished"}
Maker = Callable[[World], Iterator[list[Any]]]


def rows_of(world: World, name: str, parameters: dict[str, str]) -> list[list[Any]]:
    """One data set; concluded and deleted rows only with `include_deleted`."""
    heading, make = SETS[name]
    columns = heading.split()
    rows = [[_text(value) for value in row] for row in make(world)]
    if parameters.get("include_deleted", "").lower() not in {"true", "1"}:
        state = columns.index("status")
        rows = [row for row in rows if row[state] not in {DELETED, "concluded"}]
    return [columns, *rows]


def _text(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def _users(world: World) -> Iterator[list[Any]]:
    """One row a login."""
    for login in world.logins.values():
        user = world.users[login.user_id]
        first, _, last = user.name.rpartition(" ")
        names = [first or last, last if first else "", user.name, user.sortable_name, user.short_name]
        ids = [user.id, login.sis_user_id, login.integration_id, login.provider_id, login.unique_id]
        yield [*ids, *names, user.email, login.state, login.sis_user_id is not None]


def _courses(world: World) -> Iterator[list[Any]]:
    """Dates only where they bind."""
    for row in world.courses.values():
        account, term = world.accounts[row.account_id], world.terms[row.term_id]
        dates = [row.start_at, row.end_at] if row.restrict_dates else [None, None]
        where = [account.id, account.sis_id, term.id, term.sis_id, STATUS.get(row.state, row.state)]
        yield [row.id, row.sis_id, None, row.course_code, row.name, *where, *dates, "on_campus", row.sis_id is not None]


def _sections(world: World) -> Iterator[list[Any]]:
    for row in world.sections.values():
        yield [row.id, row.sis_id, row.course_id, world.courses[row.course_id].sis_id, row.name, row.state]


def _enrollments(world: World) -> Iterator[list[Any]]:
    """Neither test students nor people without a login, and no dates."""
    for row in world.enrollments.values():
        login = world.login_of(row.user_id)
        if login is None or row.type == "StudentViewEnrollment":
            continue
        state = world.state_of(row)
        role = role_of(row.type).removesuffix("Enrollment").lower()
        where = [row.course_id, world.courses[row.course_id].sis_id, row.user_id, login.sis_user_id]
        rest = [row.section_id, None, STATUS.get(state, state), row.associated_user_id, row.type, row.id]
        yield [*where, role, ROLE_IDS[row.type], *rest]


def _group_row(world: World, row: Group) -> list[Any]:
    state = "deleted" if row.state == DELETED else "available"
    sets = world.categories[row.category_id]
    return [row.id, row.sis_id, row.category_id, sets.sis_id, row.course_id, row.name, state, row.max_membership]


def _groups(world: World) -> Iterator[list[Any]]:
    for row in world.groups.values():
        yield _group_row(world, row)


def _memberships(world: World) -> Iterator[list[Any]]:
    for row in world.memberships.values():
        login = world.login_of(row.user_id)
        yield [row.group_id, world.groups[row.group_id].sis_id, row.user_id, login and login.sis_user_id, row.state]


def _categories(world: World) -> Iterator[list[Any]]:
    for row in world.categories.values():
        yield [
            row.id,
            row.sis_id,
            row.course_id,
            "Course",
            row.name,
            row.role,
            row.self_signup,
            row.group_limit,
            row.state,
        ]


SETS: dict[str, tuple[str, Maker]] = {
    "users": (
        (
            "canvas_user_id user_id integration_id authentication_provider_id login_id first_name last_name full_name "
            "sortable_name short_name email status created_by_sis"
        ),
        _users,
    ),
    "courses": (
        (
            "canvas_course_id course_id integration_id short_name long_name canvas_account_id account_id canvas_term_id "
            "term_id status start_date end_date course_format created_by_sis"
        ),
        _courses,
    ),
    "sections": ("canvas_section_id section_id canvas_course_id course_id name status", _sections),
    "enrollments": (
        (
            "canvas_course_id course_id canvas_user_id user_id role role_id canvas_section_id section_id status "
            "canvas_associated_user_id base_role_type canvas_enrollment_id"
        ),
        _enrollments,
    ),
    "groups": (
        "canvas_group_id group_id canvas_group_category_id group_category_id canvas_course_id name status max_membership",
        _groups,
    ),
    "group_membership": ("canvas_group_id group_id canvas_user_id user_id status", _memberships),
    "group_categories": (
        "canvas_group_category_id group_category_id context_id context_type name role self_signup group_limit status",
        _categories,
    ),
}
