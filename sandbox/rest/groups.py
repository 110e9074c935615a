"""Groups: lists, one, and changing them with all that Canvas does silently."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.grouping import check_limit, replace_members
from sandbox.paging import Listing
from sandbox.params import to_int
from sandbox.refusals import Refusal, invalid
from sandbox.rest.accounts import matches, search_term
from sandbox.rest.categories import NO_SIS, collaborates
from sandbox.shapes.groups import full_group_json, group_json
from sandbox.shapes.users import user_with_extras
from sandbox.world.rows import Category, Group

JOIN_LEVELS = {"parent_context_auto_join", "parent_context_request", "invitation_only"}
NOT_HERE = "Not authorized to create groups in this category"


def list_of_category(ask: Ask) -> Listing:
    """By name."""
    row = ask.find.category(ask.path["category"])
    ask.caller.need_in("manage_groups", ask.world.courses[row.course_id])
    return Listing(ask.world.live_groups(row.id), lambda group: group_json(ask, group))


def list_of_course(ask: Ask) -> Listing:
    """All groups of a course by name, tags hidden unless asked for."""
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("read_roster", course)
    world = ask.world
    sets = [row for row in world.live_categories(course.id) if collaborates(ask, row)]
    rows = [group for row in sets for group in world.live_groups(row.id)]
    own = ask.caller.user_id if ask.params.flag("only_own_groups") else ask.params.number("user_id")
    if own is not None:
        rows = [group for group in rows if world.membership(group.id, own)]
    text = (ask.params.text("filter") or "").casefold()
    rows = sorted((row for row in rows if text in row.name.casefold()), key=lambda row: (row.name.casefold(), row.id))
    return Listing(rows, lambda group: group_json(ask, group))


def list_own(ask: Ask) -> Listing:
    world = ask.world
    rows = [
        world.groups[row.group_id] for row in world.memberships_of_user[ask.caller.user_id] if row.state == "accepted"
    ]
    return Listing(sorted(rows, key=lambda row: (row.name.casefold(), row.id)), lambda group: group_json(ask, group))


def show(ask: Ask) -> dict[str, Any]:
    row = ask.find.group(ask.path["group"])
    ask.caller.need_in("read", ask.world.courses[row.course_id])
    return group_json(ask, row)


def list_users(ask: Ask) -> Listing:
    row = ask.find.group(ask.path["group"])
    ask.caller.need_in("read_roster", ask.world.courses[row.course_id])
    term = search_term(ask)
    users = [ask.world.users[member.user_id] for member in ask.world.accepted(row.id)]
    users = [user for user in users if term is None or matches(ask, user, term)]
    users.sort(key=lambda user: (user.sortable_name.casefold(), user.id))
    return Listing(users, lambda user: user_with_extras(ask, user))


def create(ask: Ask) -> dict[str, Any]:
    """A new group of a set, its limit the set's own; 200, with people and set."""
    category = ask.find.category(ask.path["category"])
    ask.caller.need_in("manage_groups", ask.world.courses[category.course_id])
    if category.protected and category.role != "student_organized":
        raise Refusal(401, {"message": NOT_HERE})
    params, sis_id = ask.params, _sis_id(ask)
    group = ask.world.add_group(
        category.id,
        _name(params.text("name")),
        max_membership=check_limit(params.number("max_membership"), "max_membership"),
        description=params.text("description"),
        sis_id=sis_id,
    )
    group.is_public = bool(params.flag("is_public"))
    group.join_level = _join_level(ask) or group.join_level
    return full_group_json(ask, group)


def managed(ask: Ask) -> tuple[Group, Category]:
    """The group in the address, where the caller may manage it."""
    group = ask.find.group(ask.path["group"])
    ask.caller.need_in("manage_groups", ask.world.courses[group.course_id])
    return group, ask.world.categories[group.category_id]


def update(ask: Ask) -> dict[str, Any]:
    """All changes or none; `members` replaces the members (see `replace_members`)."""
    group, _ = managed(ask)
    params = ask.params
    name = _name(params.text("name")) if "name" in params else group.name
    limit = check_limit(params.number("max_membership"), "max_membership")
    level, sis_id = _join_level(ask), _sis_id(ask)
    leader = _leader(ask, group)
    group.name, group.leader_id, group.updated_at = name, leader, ask.world.now()
    group.join_level = level or group.join_level
    group.sis_id = sis_id if "sis_group_id" in params else group.sis_id
    if "max_membership" in params:
        group.max_membership = limit
    if "description" in params:
        group.description = params.text("description")
    group.is_public = group.is_public or bool(params.flag("is_public"))
    if "members" in params:
        replace_members(ask.world, group, _wanted(ask))
    return full_group_json(ask, group)


def delete(ask: Ask) -> dict[str, Any]:
    group, _ = managed(ask)
    body = group_json(ask, group)
    ask.world.delete_group(group.id)
    return body


def _wanted(ask: Ask) -> list[str]:
    """The `members` value: a list, or one comma-separated text."""
    value = ask.params.values["members"]
    return value.split(",") if isinstance(value, str) else ask.params.many("members")


def _leader(ask: Ask, group: Group) -> int | None:
    """The asked leader, who must be a member already; blank clears."""
    if "leader" not in ask.params:
        return group.leader_id
    text = ask.params.under("leader").text("id") or ""
    if not text:
        return None
    if ask.world.membership(group.id, to_int(text)) is None:
        raise Refusal(400, {})
    return to_int(text)


def _name(name: str | None) -> str:
    text = (name or "").strip()
    if not text:
        raise invalid("name", "blank", "Name is required")
    return text


def _join_level(ask: Ask) -> str | None:
    level = ask.params.text("join_level")
    if level is not None and level not in JOIN_LEVELS:
        raise invalid("join_level", "inclusion", "is not included in the list")
    return level


def _sis_id(ask: Ask) -> str | None:
    if "sis_group_id" in ask.params and not ask.caller.may("manage_sis"):
        raise NO_SIS
    return ask.params.text("sis_group_id")
