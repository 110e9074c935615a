"""Single memberships: safer than replacing all."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.grouping import admit, enrolled
from sandbox.lookup import plain_id
from sandbox.paging import Listing
from sandbox.params import to_int
from sandbox.refusals import bad_request, forbidden, not_found
from sandbox.rest.groups import managed
from sandbox.shapes.groups import membership_json
from sandbox.world.rows import Group, Membership

STATES = {"accepted", "invited", "requested"}


def listing(ask: Ask) -> Listing:
    group = ask.find.group(ask.path["group"])
    ask.caller.need_in("read_roster", ask.world.courses[group.course_id])
    states = set(ask.params.many("filter_states")) or STATES
    rows = [row for row in ask.world.live_members(group.id) if row.state in states]
    return Listing(rows, lambda row: membership_json(ask, row))


def show(ask: Ask) -> dict[str, Any]:
    group = ask.find.group(ask.path["group"])
    ask.caller.need_in("read_roster", ask.world.courses[group.course_id])
    return membership_json(ask, _addressed(ask, group))


def create(ask: Ask) -> dict[str, Any]:
    """Add one person; answering the present membership when there is one."""
    group = ask.find.group(ask.path["group"])
    course, category = ask.world.courses[group.course_id], ask.world.categories[group.category_id]
    if ("members" in ask.params or "all_in_group_course" in ask.params) and not category.non_collaborative:
        raise bad_request("Bulk adding is only available for differentiation tags")
    user = ask.find.user(ask.params.text("user_id") or "")
    late = category.self_signup_end_at is not None and category.self_signup_end_at < ask.world.now()
    signs_up = user.id == ask.caller.user_id and category.self_signup and not late
    if not signs_up:
        ask.caller.need_in("manage_groups", course)
    row, is_new = admit(ask.world, group, user.id, forbidden(ask.behaviour.forbidden_status))
    return membership_json(ask, row, just_created=is_new)


def update(ask: Ask) -> dict[str, Any]:
    group, _ = managed(ask)
    row = _addressed(ask, group)
    if ask.params.text("workflow_state") == "accepted":
        row.state = "accepted"
    if "moderator" in ask.params:
        row.moderator = bool(ask.params.flag("moderator"))
    row.updated_at = ask.world.now()
    return membership_json(ask, row)


def delete(ask: Ask) -> dict[str, bool]:
    group = ask.find.group(ask.path["group"])
    row = _addressed(ask, group)
    if row.user_id != ask.caller.user_id:
        managed(ask)
    ask.world.leave(group.id, row.user_id)
    return {"ok": True}


def delete_many(ask: Ask) -> dict[str, Any]:
    group, _ = managed(ask)
    gone: list[int] = []
    for text in ask.params.many("user_ids"):
        if ask.world.membership(group.id, to_int(text)) is not None:
            ask.world.leave(group.id, to_int(text))
            gone.append(to_int(text))
    return {"message": "Bulk delete completed", "deleted_user_ids": gone, "unauthorized_user_ids": []}


def invite(ask: Ask) -> list[dict[str, Any]]:
    """Invite by e-mail; in a course group those who are enrolled are members at once, others are left out."""
    group, _ = managed(ask)
    wanted = {text.casefold() for text in ask.params.many("invitees")}
    users = [user for user in ask.world.users.values() if (user.email or "").casefold() in wanted and user.email]
    rows = [
        ask.world.membership(group.id, user.id) or ask.world.join(group.id, user.id)
        for user in users
        if enrolled(ask.world, group.course_id, user.id) and not ask.world.is_full(group)
    ]
    return [membership_json(ask, row) for row in rows]


def _addressed(ask: Ask, group: Group) -> Membership:
    """By membership id (`self` is the caller's), or by user id in the other form of the address."""
    if "user" in ask.path:
        row = ask.world.membership(group.id, ask.find.user(ask.path["user"]).id)
    elif ask.path["membership"] == "self":
        row = ask.world.membership(group.id, ask.caller.user_id)
    else:
        key = plain_id(ask.path["membership"])
        row = next((one for one in ask.world.live_members(group.id) if one.id == key), None)
    if row is None:
        raise not_found()
    return row
