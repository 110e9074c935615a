"""Placing many people at once: random assignment, CSV in and out, and the Progress of both."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson

from sandbox.ask import Ask, Raw
from sandbox.grouping import assign_unassigned, can_assign, poll, sections_of, start_progress
from sandbox.lookup import plain_id
from sandbox.refusals import Refusal, bad_request, not_found
from sandbox.rest.categories import PROTECTED, managed
from sandbox.shapes.groups import progress_json
from sandbox.world import World
from sandbox.world.rows import Category, Group, Progress, User

Row = dict[str, str]


def assign(ask: Ask) -> Any:
    """Fill the groups at random: at once with `sync`, else through a Progress."""
    category = managed(ask)
    if not can_assign(category):
        raise Refusal(400, {})
    by_section = bool(ask.params.flag("group_by_section"))
    if ask.params.flag("sync"):
        placed = assign_unassigned(ask.world, category, by_section=by_section)
        return [_placed_json(ask.world, category, key, users) for key, users in placed.items()]

    def work() -> None:
        assign_unassigned(ask.world, category, by_section=by_section)

    return progress_json(ask, start_progress(ask.world, ask.behaviour, category, "assign_unassigned_members", work))


def _placed_json(world: World, category: Category, group_id: int, users: list[User]) -> dict[str, Any]:
    members = [
        {
            "user_id": user.id,
            "name": user.name,
            "display_name": user.short_name,
            "sections": [
                {"section_id": row.id, "section_code": row.name}
                for row in sections_of(world, category.course_id, user.id)
            ],
        }
        for user in users
    ]
    return {"id": group_id, "new_members": members}


def import_csv(ask: Ask) -> dict[str, Any]:
    """Place people by a CSV: groups are made where missing, people leave their other group of the set."""
    category = managed(ask)
    if category.protected and category.role != "student_organized":
        raise PROTECTED
    if not ask.attachment:
        raise bad_request("attachment is missing")
    rows = list(csv.DictReader(io.StringIO(ask.attachment.decode("utf-8-sig", "replace"))))

    def work() -> str:
        return orjson.dumps(place_rows(ask.world, category, rows)).decode()

    return progress_json(ask, start_progress(ask.world, ask.behaviour, category, "course_group_import", work))


def place_rows(world: World, category: Category, rows: list[Row]) -> dict[str, Any]:
    """Carry an import out; only students of the course are placed."""
    before, placed = len(world.live_groups(category.id)), 0
    students = {
        row.user_id: world.users[row.user_id]
        for row in world.enrollments_of_course[category.course_id]
        if row.type == "StudentEnrollment" and row.state in {"active", "invited", "creation_pending"}
    }
    for row in rows:
        user, group = _user(world, students, row), _group(world, category, row)
        if user is not None and group is not None:
            world.join(group.id, user.id)
            placed += 1
    made = len(world.live_groups(category.id)) - before
    return {"type": "import_groups", "groups": made, "users": placed, "error": None}


def _user(world: World, students: dict[int, User], row: Row) -> User | None:
    if row.get("canvas_user_id"):
        return students.get(plain_id(row["canvas_user_id"]) or 0)
    for user in students.values():
        login = world.login_of(user.id)
        if login and row.get("user_id") and login.sis_user_id == row["user_id"]:
            return user
        if login and row.get("login_id") and login.unique_id.lower() == row["login_id"].lower():
            return user
    return None


def _group(world: World, category: Category, row: Row) -> Group | None:
    groups = world.live_groups(category.id)
    if row.get("canvas_group_id"):
        key = plain_id(row["canvas_group_id"])
        return next((group for group in groups if group.id == key), None)
    if row.get("group_id"):
        return next((group for group in groups if group.sis_id == row["group_id"]), None)
    name = (row.get("group_name") or "").strip()
    if not name:
        return None
    return next((group for group in groups if group.name == name), None) or world.add_group(category.id, name)


def export_csv(ask: Ask) -> Raw:
    """One line a student; without a group the last columns are empty."""
    category, out = managed(ask), io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["name", "canvas_user_id", "user_id", "login_id", "sections", "group_name", "canvas_group_id", "group_id"]
    )
    groups = ask.world.live_groups(category.id)
    placed = [(ask.world.users[row.user_id], group) for group in groups for row in ask.world.accepted(group.id)]
    for user, group in [*placed, *((user, None) for user in ask.world.unassigned(category))]:
        login, sections = ask.world.login_of(user.id), sections_of(ask.world, category.course_id, user.id)
        who = [user.name, user.id, login and login.sis_user_id, login and login.unique_id]
        where = [group.name, group.id, group.sis_id] if group else ["", "", ""]
        writer.writerow([*who, ", ".join(row.name for row in sections), *where])
    return Raw(out.getvalue().encode(), "text/csv; charset=utf-8")


def show_progress(ask: Ask) -> dict[str, Any]:
    row = _progress(ask)
    poll(ask.world, ask.behaviour, row)
    return progress_json(ask, row)


def cancel_progress(ask: Ask) -> dict[str, Any]:
    """Stop work that is not done: it fails, with the given message."""
    row = _progress(ask)
    if row.state not in {"completed", "failed"}:
        row.state, row.message = "failed", ask.params.text("message") or "canceled"
        ask.world.pending.pop(row.id, None)
    return progress_json(ask, row)


def _progress(ask: Ask) -> Progress:
    row = ask.world.progresses.get(plain_id(ask.path["progress"]) or 0)
    if row is None:
        raise not_found()
    category = ask.world.categories[row.context_id]
    ask.caller.need_in("manage_groups", ask.world.courses[category.course_id])
    return row
