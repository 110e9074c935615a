"""Root fields: one object or none, and nothing the caller may not read."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from sandbox.graphql.context import Context, Resolvers, any_id, connect, relay_id, split_relay_id
from sandbox.world import rows as r

MOST_COURSES = 100
LEGACY = {
    "Account": "accounts",
    "Course": "courses",
    "Enrollment": "enrollments",
    "Group": "groups",
    "GroupSet": "categories",
    "Section": "sections",
    "Term": "terms",
    "User": "users",
}
TYPES: dict[type, str] = {
    r.Account: "Account",
    r.Course: "Course",
    r.Enrollment: "Enrollment",
    r.Group: "Group",
    r.Category: "GroupSet",
    r.Section: "Section",
    r.Term: "Term",
    r.User: "User",
}


def type_name(value: Any, *_: Any) -> str:
    """The schema's name for a row."""
    return TYPES[type(value)]


def readable(context: Context, row: Any) -> bool:
    """Whether the caller may see a row at all."""
    caller, world = context.caller, context.world
    if isinstance(row, r.Course):
        return row.state != r.DELETED and caller.may_in("read", row)
    if isinstance(row, r.User):
        return row.state != r.DELETED and (row.id == caller.user_id or caller.may("read_users"))
    if isinstance(row, r.Enrollment):
        return row.state != r.DELETED and caller.may_in("read_roster", world.courses[row.course_id])
    if isinstance(row, r.Group | r.Category | r.Section):
        return row.state != r.DELETED and caller.may_in("read", world.courses[row.course_id])
    return True


def _seen(context: Context, row: Any) -> Any:
    return row if row is not None and readable(context, row) else None


def course(_: Any, info: Any, id: str | None = None, sisId: str | None = None) -> Any:  # noqa: N803  The schema's name.
    context = info.context
    rows = context.world.courses
    found = rows.get(any_id(id)) if id else next((row for row in rows.values() if row.sis_id == sisId), None)
    return _seen(context, found)


def courses(_: Any, info: Any, ids: list[str] | None = None, sisIds: list[str] | None = None) -> list[r.Course]:  # noqa: N803
    """By name; what is missing or unreadable is left out without a word."""
    if (ids is None) == (sisIds is None):
        raise GraphQLError("Must specify exactly one of ids or sisIds")
    if len(ids or sisIds or ()) > MOST_COURSES:
        raise GraphQLError(f"Cannot request more than {MOST_COURSES} courses at once")
    rows = info.context.world.courses
    if ids is not None:
        found = [rows.get(key) for key in dict.fromkeys(map(any_id, ids))]
    else:
        found = [row for row in rows.values() if row.sis_id in (sisIds or ())]
    seen = [row for row in found if row is not None and readable(info.context, row)]
    return sorted(seen, key=lambda row: (row.name.casefold(), row.id))


def all_courses(_: Any, info: Any) -> list[r.Course]:
    """Only courses the caller is enrolled in."""
    world = info.context.world
    keys = dict.fromkeys(row.course_id for row in world.enrollments_of_user[info.context.caller.user_id])
    return [world.courses[key] for key in keys if readable(info.context, world.courses[key])]


def account(_: Any, info: Any, id: str | None = None, sisId: str | None = None) -> Any:  # noqa: N803
    rows = info.context.world.accounts
    return rows.get(any_id(id)) if id else next((row for row in rows.values() if row.sis_id == sisId), None)


def term(_: Any, info: Any, id: str | None = None, sisId: str | None = None) -> Any:  # noqa: N803
    rows = info.context.world.terms
    return rows.get(any_id(id)) if id else next((row for row in rows.values() if row.sis_id == sisId), None)


def legacy_node(_: Any, info: Any, _id: str, type: str) -> Any:
    table = LEGACY.get(type)
    if table is None:
        return None
    return _seen(info.context, getattr(info.context.world, table).get(any_id(_id)))


def node(_: Any, info: Any, id: str) -> Any:
    kind, key = split_relay_id(id)
    return legacy_node(None, info, key, kind)


def account_courses(source: r.Account, info: Any, **page: Any) -> Any:
    """Deleted and unpublished ones too; null without the right to the course list."""
    context: Context = info.context
    if not context.caller.may("read_course_list"):
        return None
    tree = context.world.account_tree(source.id)
    rows = [row for row in context.world.courses.values() if row.account_id in tree]
    return connect(context, rows, **page)


def sub_accounts(source: r.Account, info: Any, **page: Any) -> Any:
    rows = [row for row in info.context.world.accounts.values() if row.parent_id == source.id]
    return connect(info.context, rows, **page)


def parent_accounts(source: r.Account, info: Any, **page: Any) -> Any:
    rows, parent = [], source.parent_id
    while parent is not None:
        rows.append(info.context.world.accounts[parent])
        parent = rows[-1].parent_id
    return connect(info.context, rows, **page)


def term_courses(source: r.Term, info: Any, **page: Any) -> Any:
    rows = [row for row in info.context.world.courses.values() if row.term_id == source.id]
    return connect(info.context, [row for row in rows if readable(info.context, row)], **page)


def ids_of(name: str) -> dict[str, Any]:
    """Both forms of an object's id."""
    return {"_id": lambda source, _: str(source.id), "id": lambda source, _: relay_id(name, source.id)}


QUERY: Resolvers = {
    "account": account,
    "course": course,
    "courses": courses,
    "allCourses": all_courses,
    "term": term,
    "node": node,
    "legacyNode": legacy_node,
}
ACCOUNT: Resolvers = {
    **ids_of("Account"),
    "sisId": lambda source, _: source.sis_id,
    "workflowState": lambda *_: "active",
    "coursesConnection": account_courses,
    "subAccountsConnection": sub_accounts,
    "parentAccountsConnection": parent_accounts,
}
TERM: Resolvers = {
    **ids_of("Term"),
    "sisId": lambda source, _: source.sis_id,
    "startAt": lambda source, _: source.start_at,
    "endAt": lambda source, _: source.end_at,
    "coursesConnection": term_courses,
}
