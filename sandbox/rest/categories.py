"""Group sets (Canvas: group categories)."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.grouping import assign_unassigned, check_limit, check_set_name, make_groups
from sandbox.paging import Listing
from sandbox.refusals import Refusal, bad_request, invalid
from sandbox.rest.accounts import matches, search_term
from sandbox.shapes.groups import category_json
from sandbox.shapes.users import user_with_extras
from sandbox.world.rows import Category
from sandbox.world.times import stamp

COLLABORATION = {"all", "collaborative", "non_collaborative"}
PROTECTED = Refusal(401, {"status": "unauthorized"})
NO_SIS = Refusal(401, {"message": "You must have manage_sis permission to set sis attributes"})


def list_of_course(ask: Ask) -> Listing:
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("manage_groups", course)
    rows = [row for row in ask.world.live_categories(course.id) if collaborates(ask, row)]
    return Listing(rows, lambda row: category_json(ask, row))


def list_of_account(ask: Ask) -> Listing:
    """The account's own sets, of which this Canvas has none: every set is a course's."""
    ask.find.account(ask.path["account"])
    ask.caller.need("manage_groups")
    return Listing(list[Category](), lambda row: category_json(ask, row))


def collaborates(ask: Ask, row: Category) -> bool:
    """Differentiation tags are hidden unless `collaboration_state` says otherwise."""
    wanted = ask.params.text("collaboration_state") or "collaborative"
    if wanted not in COLLABORATION:
        raise bad_request("Invalid collaboration_state")
    return wanted == "all" or row.non_collaborative == (wanted == "non_collaborative")


def show(ask: Ask) -> dict[str, Any]:
    return category_json(ask, managed(ask))


def managed(ask: Ask) -> Category:
    """The set in the address, where the caller may manage it."""
    row = ask.find.category(ask.path["category"])
    ask.caller.need_in("manage_groups", ask.world.courses[row.course_id])
    return row


def create(ask: Ask) -> dict[str, Any]:
    """A new set. With `create_group_count` its groups are filled at once, unless `split_groups=0` or it has self sign-up."""
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("manage_groups", course)
    world, params = ask.world, ask.params
    if "sis_group_category_id" in params and not ask.caller.may("manage_sis"):
        raise NO_SIS
    row = world.add_group_set(
        course.id,
        check_set_name(world, course.id, params.text("name")),
        self_signup=_signup(ask),
        group_limit=check_limit(params.number("group_limit")),
        auto_leader=params.text("auto_leader") or None,
        non_collaborative=bool(params.flag("non_collaborative")),
        sis_id=params.text("sis_group_category_id"),
    )
    row.self_signup_end_at = stamp(params.text("self_signup_end_at"))
    split = params.number("split_group_count")
    make_groups(world, row, params.number("create_group_count") or split or 0)
    asked = params.flag("split_groups")
    if split or (row.self_signup is None and "create_group_count" in params and asked is not False):
        assign_unassigned(world, row)
    return category_json(ask, row, counts=True)


def _signup(ask: Ask) -> str | None:
    if "enable_self_signup" in ask.params:
        if not ask.params.flag("enable_self_signup"):
            return None
        return "restricted" if ask.params.flag("restrict_self_signup") else "enabled"
    value = ask.params.text("self_signup") or None
    if value not in {None, "enabled", "restricted"}:
        raise invalid(
            "self_signup", "inclusion", "Self-signup needs to be one of the following values: enabled, restricted"
        )
    return value


def update(ask: Ask) -> dict[str, Any]:
    """Change a set; a new limit becomes the limit of each of its groups."""
    row, params = managed(ask), ask.params
    if row.protected:
        raise PROTECTED
    if "name" in params:
        row.name = check_set_name(ask.world, row.course_id, params.text("name"), row.id)
    if "self_signup" in params or "enable_self_signup" in params:
        row.self_signup = _signup(ask)
    if "auto_leader" in params:
        row.auto_leader = params.text("auto_leader") or None
    if "group_limit" in params:
        row.group_limit = check_limit(params.number("group_limit"))
        for group in ask.world.live_groups(row.id):
            group.max_membership = row.group_limit
    return category_json(ask, row)


def delete(ask: Ask) -> dict[str, Any]:
    row = managed(ask)
    if row.protected:
        raise PROTECTED
    body = category_json(ask, row)
    ask.world.delete_group_set(row.id)
    return body


def list_users(ask: Ask) -> Listing:
    """People of the course; `unassigned` leaves only current students who are in no group of the set."""
    row = ask.find.category(ask.path["category"])
    ask.caller.need_in("read_roster", ask.world.courses[row.course_id])
    if ask.params.flag("unassigned"):
        users = ask.world.unassigned(row)
    else:
        current = {"active", "invited", "creation_pending"}
        ids = {one.user_id for one in ask.world.enrollments_of_course[row.course_id] if one.state in current}
        users = sorted((ask.world.users[key] for key in ids), key=lambda user: (user.sortable_name, user.id))
    term = search_term(ask)
    users = [user for user in users if term is None or matches(ask, user, term)]
    return Listing(users, lambda user: user_with_extras(ask, user))
