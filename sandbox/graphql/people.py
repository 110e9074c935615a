"""People, group sets, groups and memberships in GraphQL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sandbox.graphql.context import Context, Resolvers, any_id, connect
from sandbox.graphql.query import ids_of, readable
from sandbox.summaries import summary_of
from sandbox.world import rows as r


def user_enrollments(
    source: r.User,
    info: Any,
    courseId: str | None = None,  # noqa: N803  The schema's own argument names.
    currentOnly: bool | None = None,  # noqa: N803
    excludeConcluded: bool | None = None,  # noqa: N803
) -> list[r.Enrollment]:
    """A person's rows that are not deleted, in courses whose roster the caller may read."""
    context: Context = info.context
    world = context.world
    rows = [
        row
        for row in world.enrollments_of_user[source.id]
        if readable(context, row) and world.state_of(row) != r.DELETED
    ]
    if courseId:
        rows = [row for row in rows if row.course_id == any_id(courseId)]
    if currentOnly:
        rows = [row for row in rows if row.state == "active" and world.courses[row.course_id].state == "available"]
    if excludeConcluded:
        rows = [row for row in rows if row.state != "completed" and not world.concluded(world.courses[row.course_id])]
    context.rows += len(rows)
    return rows


def user_memberships(source: r.User, info: Any, filter: dict[str, Any] | None = None) -> list[r.Membership]:
    context, wanted = info.context, filter or {}
    world = context.world
    rows = [row for row in world.memberships_of_user[source.id] if readable(context, world.groups[row.group_id])]
    states = _listed(wanted.get("state")) or ["accepted", "invited", "requested"]
    rows = [row for row in rows if row.state in states]
    group_states = _listed(wanted.get("groupState"))
    if group_states:
        rows = [row for row in rows if world.groups[row.group_id].state in group_states]
    courses = set(map(any_id, _listed(wanted.get("groupCourseId"))))
    return [row for row in rows if not courses or world.groups[row.group_id].course_id in courses]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def user_groups(source: r.User, info: Any) -> list[r.Group] | None:
    """Only for the caller."""
    context = info.context
    if source.id != context.caller.user_id:
        return None
    return [
        context.world.groups[row.group_id]
        for row in context.world.memberships_of_user[source.id]
        if row.state == "accepted"
    ]


def user_analytics(source: r.User, info: Any, courseId: str) -> Any:  # noqa: N803
    context: Context = info.context
    course = context.world.courses.get(any_id(courseId))
    if (
        course is None
        or not context.caller.may_in("view_analytics", course)
        or not context.behaviour.analytics_installed
    ):
        return None
    data = summary_of(source.id, course.id, page_views=context.behaviour.page_views)
    late = data["tardiness_breakdown"]
    return SimpleNamespace(
        pageViews=SimpleNamespace(level=data["page_views_level"], max=data["max_page_views"], total=data["page_views"]),
        participations=SimpleNamespace(
            level=data["participations_level"], max=data["max_participations"], total=data["participations"]
        ),
        tardinessBreakdown=SimpleNamespace(
            late=float(late["late"]), missing=float(late["missing"]), onTime=float(late["on_time"]), total=late["total"]
        ),
    )


def _login(source: r.User, info: Any, right: str, field: str) -> Any:
    login = info.context.world.login_of(source.id)
    return getattr(login, field) if login and info.context.caller.may(right) else None


def _sets(source: r.Course, info: Any, includeNonCollaborative: bool = False) -> list[r.Category]:  # noqa: N803
    """Normal sets only; tags where asked for."""
    rows = info.context.world.live_categories(source.id)
    return [row for row in rows if row.role is None and (includeNonCollaborative or not row.non_collaborative)]


def group_sets(source: r.Course, info: Any, **args: Any) -> list[r.Category] | None:
    return _sets(source, info, **args) if info.context.caller.may_in("manage_groups", source) else None


def group_sets_page(source: r.Course, info: Any, includeNonCollaborative: bool = False, **page: Any) -> Any:  # noqa: N803
    rows = group_sets(source, info, includeNonCollaborative=includeNonCollaborative)
    return None if rows is None else connect(info.context, rows, **page)


def course_groups(source: r.Course, info: Any, includeNonCollaborative: bool = False, **page: Any) -> Any:  # noqa: N803
    context = info.context
    if not context.caller.may_in("read_roster", source):
        return None
    sets = [
        row for row in context.world.live_categories(source.id) if includeNonCollaborative or not row.non_collaborative
    ]
    rows = [group for row in sets for group in context.world.live_groups(row.id)]
    rows.sort(key=lambda group: (group.name.casefold(), group.id))
    return connect(context, rows, **page)


def set_groups(source: r.Category, info: Any) -> list[r.Group] | None:
    context = info.context
    course = context.world.courses[source.course_id]
    return context.world.live_groups(source.id) if context.caller.may_in("manage_groups", course) else None


def set_groups_page(source: r.Category, info: Any, **page: Any) -> Any:
    rows = set_groups(source, info)
    return None if rows is None else connect(info.context, rows, **page)


def _current_group(source: r.Category, info: Any) -> r.Group | None:
    world, own = info.context.world, info.context.caller.user_id
    return next((group for group in world.live_groups(source.id) if world.membership(group.id, own)), None)


def members(source: r.Group, info: Any, **page: Any) -> Any:
    context = info.context
    if not context.caller.may_in("read_roster", context.world.courses[source.course_id]):
        return None
    return connect(context, context.world.live_members(source.id), **page)


def member(source: r.Group, info: Any, userId: str) -> Any:  # noqa: N803
    context = info.context
    if not context.caller.may_in("read_roster", context.world.courses[source.course_id]):
        return None
    return context.world.membership(source.id, any_id(userId))


USER: Resolvers = {
    **ids_of("User"),
    "shortName": lambda source, _: source.short_name,
    "sortableName": lambda source, _: source.sortable_name,
    "firstName": lambda source, _: source.name.rpartition(" ")[0] or source.name,
    "lastName": lambda source, _: source.name.rpartition(" ")[2] if " " in source.name else "",
    "loginId": lambda source, info: _login(source, info, "view_logins", "unique_id"),
    "sisId": lambda source, info: _login(source, info, "read_sis", "sis_user_id"),
    "integrationId": lambda source, info: _login(source, info, "read_sis", "integration_id"),
    "avatarUrl": lambda *_: None,
    "uuid": lambda source, _: f"user-{source.id:x}",
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.created_at,
    "enrollments": user_enrollments,
    "groupMemberships": user_memberships,
    "groups": user_groups,
    "summaryAnalytics": user_analytics,
}
COURSE_GROUPS: Resolvers = {
    "groupSets": group_sets,
    "groupSetsConnection": group_sets_page,
    "groupsConnection": course_groups,
}
GROUP_SET: Resolvers = {
    **ids_of("GroupSet"),
    "memberLimit": lambda source, _: source.group_limit,
    "selfSignup": lambda source, _: source.self_signup or "disabled",
    "autoLeader": lambda source, _: source.auto_leader,
    "nonCollaborative": lambda source, _: source.non_collaborative,
    "sisId": lambda source, info: source.sis_id if info.context.caller.may("read_sis") else None,
    "groups": set_groups,
    "groupsConnection": set_groups_page,
    "currentGroup": _current_group,
}
GROUP: Resolvers = {
    **ids_of("Group"),
    "membersCount": lambda source, info: len(info.context.world.accepted(source.id)),
    "groupCategory": lambda source, info: info.context.world.categories[source.category_id],
    "sisId": lambda source, info: source.sis_id if info.context.caller.may("read_sis") else None,
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.updated_at,
    "nonCollaborative": lambda source, info: info.context.world.categories[source.category_id].non_collaborative,
    "canMessage": lambda *_: True,
    "member": member,
    "membersConnection": members,
}
MEMBERSHIP: Resolvers = {
    "_id": lambda source, _: str(source.id),
    "user": lambda source, info: info.context.world.users[source.user_id],
    "group": lambda source, info: info.context.world.groups[source.group_id],
    "createdAt": lambda source, _: source.created_at,
    "updatedAt": lambda source, _: source.updated_at,
}
