"""Group sets, groups, memberships and progress."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.shapes.users import display_json, user_json
from sandbox.world.rows import Category, Group, Membership, Progress

MOST_USERS = 1000


def category_json(ask: Ask, row: Category, *, counts: bool = False) -> dict[str, Any]:
    """A group set; counts on creation or with `includes[]`."""
    world = ask.world
    body: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "self_signup": row.self_signup,
        "self_signup_end_at": row.self_signup_end_at,
        "group_limit": row.group_limit,
        "auto_leader": row.auto_leader,
        "created_at": row.created_at,
        "context_type": "Course",
        "course_id": row.course_id,
        "protected": row.protected,
        "allows_multiple_memberships": row.many,
        "is_member": any(world.membership(group.id, ask.caller.user_id) for group in world.live_groups(row.id)),
        "non_collaborative": row.non_collaborative,
        "progress": _running(ask, row),
    }
    if ask.caller.may("read_sis"):
        body |= {"sis_group_category_id": row.sis_id, "sis_import_id": None}
    wanted = ask.params.many("includes")
    if counts or "groups_count" in wanted:
        body["groups_count"] = len(world.live_groups(row.id))
    if counts or "unassigned_users_count" in wanted:
        body["unassigned_users_count"] = len(world.unassigned(row))
    if "groups" in wanted:
        body["groups"] = [group_json(ask, group) for group in world.live_groups(row.id)]
    return body


def _running(ask: Ask, row: Category) -> dict[str, Any] | None:
    jobs = [
        job
        for job in ask.world.progresses.values()
        if job.context_id == row.id and job.state not in {"completed", "failed"}
    ]
    return progress_json(ask, jobs[-1]) if jobs else None


def group_json(ask: Ask, row: Group) -> dict[str, Any]:
    """A group as lists show it."""
    world = ask.world
    category = world.categories[row.category_id]
    body: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "is_public": row.is_public,
        "join_level": row.join_level,
        "group_category_id": row.category_id,
        "max_membership": row.max_membership,
        "created_at": row.created_at,
        "members_count": len(world.accepted(row.id)),
        "storage_quota_mb": 50,
        "context_type": "Course",
        "course_id": row.course_id,
        "context_name": world.courses[row.course_id].name,
        "avatar_url": None,
        "role": category.role,
        "leader": display_json(ask, world.users[row.leader_id]) if row.leader_id else None,
        "is_full": world.is_full(row),
        "has_submission": False,
        "concluded": world.concluded(world.courses[row.course_id]),
        "non_collaborative": category.non_collaborative,
    }
    if ask.caller.may("read_sis"):
        body |= {"sis_group_id": row.sis_id, "sis_import_id": None}
    return body | _extras(ask, row, category, set(ask.params.many("include")))


def full_group_json(ask: Ask, row: Group) -> dict[str, Any]:
    """A group as creating and changing answer it: with its people, set and permissions."""
    category = ask.world.categories[row.category_id]
    extras = _extras(ask, row, category, {"users", "group_category", "permissions"})
    return {**group_json(ask, row), **extras}


def _extras(ask: Ask, row: Group, category: Category, wanted: set[str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if "users" in wanted and ask.caller.may_in("read_roster", ask.world.courses[row.course_id]):
        users = [ask.world.users[member.user_id] for member in ask.world.accepted(row.id)]
        users.sort(key=lambda user: (user.sortable_name.casefold(), user.id))
        body["users"] = [user_json(ask, user) for user in users[:MOST_USERS]]
    if "group_category" in wanted:
        body["group_category"] = category_json(ask, category)
    if "permissions" in wanted:
        body["permissions"] = {"create_discussion_topic": True, "join": False, "create_announcement": True}
    return body


def membership_json(ask: Ask, row: Membership, **more: Any) -> dict[str, Any]:
    body = {
        "id": row.id,
        "group_id": row.group_id,
        "user_id": row.user_id,
        "workflow_state": row.state,
        "moderator": row.moderator,
        "created_at": row.created_at,
    }
    if ask.caller.may("read_sis"):
        body |= {"sis_group_id": ask.world.groups[row.group_id].sis_id, "sis_import_id": None}
    return {**body, **more}


def progress_json(ask: Ask, row: Progress) -> dict[str, Any]:
    return {
        "id": row.id,
        "context_id": row.context_id,
        "context_type": row.context_type,
        "user_id": ask.caller.user_id,
        "tag": row.tag,
        "completion": row.completion,
        "workflow_state": row.state,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "message": row.message,
        "url": f"{ask.base}/api/v1/progress/{row.id}",
    }
