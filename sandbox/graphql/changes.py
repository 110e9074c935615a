"""The two group mutations. What goes wrong is told inside the payload."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sandbox.graphql.context import Context, Resolvers, any_id
from sandbox.grouping import assign_unassigned, check_limit, check_set_name, make_groups
from sandbox.refusals import Refusal
from sandbox.world import rows as r

NOT_FOUND = [{"attribute": None, "message": "not found"}]


def create_group_set(_: Any, info: Any, input: dict[str, Any]) -> Any:
    context: Context = info.context
    course = context.world.courses.get(any_id(input["contextId"]))
    if input["contextType"] != "course" or course is None or not context.caller.may_in("manage_groups", course):
        return SimpleNamespace(groupSet=None, errors=_errors(NOT_FOUND))
    try:
        made = _make_set(context, course, input)
    except Refusal as refusal:
        return SimpleNamespace(groupSet=None, errors=_refused(refusal))
    return SimpleNamespace(groupSet=made, errors=None)


def _make_set(context: Context, course: r.Course, input: dict[str, Any]) -> r.Category:
    world, signup = context.world, None
    if input.get("enableSelfSignup") or input.get("selfSignup"):
        signup = "restricted" if input.get("restrictSelfSignup") else "enabled"
    made = world.add_group_set(
        course.id,
        check_set_name(world, course.id, input["name"]),
        self_signup=signup,
        group_limit=check_limit(input.get("groupLimit")),
        auto_leader=(input.get("autoLeaderType") or "first") if input.get("enableAutoLeader") else None,
        non_collaborative=bool(input.get("nonCollaborative")),
    )
    make_groups(world, made, input.get("createGroupCount") or 0)
    if input.get("assignUnassignedMembers"):
        assign_unassigned(world, made, by_section=bool(input.get("groupBySection")))
    return made


def create_group_in_set(_: Any, info: Any, input: dict[str, Any]) -> Any:
    context: Context = info.context
    found = context.world.categories.get(any_id(input["groupSetId"]))
    if found is None or found.state == r.DELETED:
        return SimpleNamespace(group=None, errors=_errors(NOT_FOUND))
    if not context.caller.may_in("manage_groups", context.world.courses[found.course_id]):
        return SimpleNamespace(group=None, errors=_errors(NOT_FOUND))
    name = input["name"].strip()
    if not name:
        return SimpleNamespace(group=None, errors=_errors([{"attribute": "name", "message": "Name is required"}]))
    return SimpleNamespace(group=context.world.add_group(found.id, name), errors=None)


def _refused(refusal: Refusal) -> list[SimpleNamespace]:
    return _errors([error for errors in refusal.body["errors"].values() for error in errors])


def _errors(rows: list[dict[str, Any]]) -> list[SimpleNamespace]:
    return [SimpleNamespace(attribute=row["attribute"], message=row["message"]) for row in rows]


MUTATION: Resolvers = {"createGroupSet": create_group_set, "createGroupInSet": create_group_in_set}
