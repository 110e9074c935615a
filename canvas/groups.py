"""Groups and group sets of one course over REST."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import msgspec

from canvas.client import Canvas, side_by_side
from canvas.errors import ServerFault, Unreachable
from canvas.group_memberships import list_memberships
from canvas.payloads import Id, id_order, name, row, rows, text
from canvas.progress import read_progress
from domain import facts
from domain.errors import UpstreamForbidden, UpstreamMissing, UpstreamTimeout, UpstreamUnreadable

OF_ONE_GROUP = (ServerFault, Unreachable, UpstreamForbidden, UpstreamMissing, UpstreamTimeout, UpstreamUnreadable)
"""Failures that say nothing of other groups."""


class _Set(msgspec.Struct):
    id: Id
    name: str | None = None
    role: str | None = None
    self_signup: str | None = None
    non_collaborative: bool | None = None


class _Group(msgspec.Struct):
    id: Id
    name: str | None = None
    description: str | None = None
    max_membership: int | None = None
    non_collaborative: bool | None = None


class _NewMember(msgspec.Struct):
    user_id: Id


class _Filled(msgspec.Struct):
    id: Id
    new_members: list[_NewMember] = []


async def list_course_groups(canvas: Canvas, course_id: str, *, student_organized: bool = False) -> facts.CourseGroups:
    """All group sets of one course with their groups and members.

    Source: GET courses/:id/group_categories, then group_categories/:id/groups of each, then groups/:id/memberships
    Shape:  differentiation tags are left out, and student-organised sets unless asked for; no set costs one request.
    Errors: UpstreamForbidden without a right on groups; members the key may not see, or whose group failed, are None.
    """
    path = canvas.path("courses/{}/group_categories", course_id)
    found = rows(await canvas.get_all(path, {"per_page": 100}), _Set)
    kept = [one for one in found if not one.non_collaborative and (student_organized or not one.role)]
    sets = await side_by_side(_group_set(canvas, one) for one in kept)
    return facts.CourseGroups(tuple(sorted(sets, key=lambda one: id_order(one.id))))


async def show_group(canvas: Canvas, group_id: str) -> facts.Group:
    """One group as it is now, with its members.

    Source: GET /api/v1/groups/:id and groups/:id/memberships
    Errors: UpstreamMissing for a deleted one.
    """
    found = row(await canvas.get(canvas.path("groups/{}", group_id)), _Group)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "group")
    return await _with_members(canvas, found)


async def create_group_set(canvas: Canvas, course_id: str, name: str) -> facts.GroupSet:
    """Make an empty group set.

    Source: POST /api/v1/courses/:id/group_categories
    Quirk:  `split_groups=0`, or Canvas may fill groups with the unassigned at once.
    Errors: UpstreamRejected on `name` where it is taken, blank or one of Canvas's own.
    """
    path = canvas.path("courses/{}/group_categories", course_id)
    found = row(await canvas.post(path, {"name": name, "split_groups": "0"}), _Set)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "group set")
    return _of_set(found, ())


async def create_group(
    canvas: Canvas, group_set_id: str, name: str, description: str | None = None, max_members: int | None = None
) -> facts.Group:
    """Make an empty group in a set.

    Source: POST /api/v1/group_categories/:id/groups
    Errors: UpstreamRejected for a blank name; UpstreamForbidden.
    """
    data = {"name": name}
    if description:
        data["description"] = description
    if max_members is not None:
        data["max_membership"] = str(max_members)
    found = row(await canvas.post(canvas.path("group_categories/{}/groups", group_set_id), data), _Group)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "group")
    return _of_group(found, ())


async def list_unassigned(canvas: Canvas, group_set_id: str) -> list[str]:
    """The students of the course who are in no group of the set, by ascending id.

    Source: GET /api/v1/group_categories/:id/users?unassigned=true, all pages
    """
    path = canvas.path("group_categories/{}/users", group_set_id)
    found = await canvas.get_all(path, {"unassigned": "true", "per_page": 100})
    return sorted((str(user.id) for user in rows(found, _Group)), key=id_order)


async def assign_unassigned(canvas: Canvas, group_set_id: str) -> dict[str, tuple[str, ...]]:
    """Spread the students without a group over the set, now; who came into which group.

    Source: POST /api/v1/group_categories/:id/assign_unassigned_members?sync=true
    Quirk:  Canvas refuses student-organised and section-restricted sets with an empty 400.
    Errors: UpstreamRejected for those; UpstreamTimeout for a large set: use `start_assigning_unassigned`.
    """
    path = canvas.path("group_categories/{}/assign_unassigned_members", group_set_id)
    found = rows(await canvas.post(path, {"sync": "true"}), _Filled)
    return {str(group.id): tuple(str(member.user_id) for member in group.new_members) for group in found}


async def start_assigning_unassigned(canvas: Canvas, group_set_id: str) -> facts.Progress:
    """The same as a job of Canvas's, followed with `progress.show_progress`.

    Source: POST /api/v1/group_categories/:id/assign_unassigned_members
    """
    path = canvas.path("group_categories/{}/assign_unassigned_members", group_set_id)
    return read_progress(canvas.provider, await canvas.post(path))


async def import_memberships(
    canvas: Canvas, group_set_id: str, memberships: Iterable[tuple[str, str]]
) -> facts.Progress:
    """Put many students of a course into groups of one set with one call, as a job of Canvas's.

    Source: POST /api/v1/group_categories/:id/import, a CSV of canvas_user_id and canvas_group_id
    Shape:  (user id, group id) pairs; whoever is not named stays where they are.
    Quirk:  students only; everybody named leaves their other group of the set.
    Errors: UpstreamForbidden for a protected set.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["canvas_user_id", "canvas_group_id"])
    writer.writerows(memberships)
    path = canvas.path("group_categories/{}/import", group_set_id)
    return read_progress(canvas.provider, await canvas.post_csv(path, table.getvalue()))


async def _group_set(canvas: Canvas, one: _Set) -> facts.GroupSet:
    path = canvas.path("group_categories/{}/groups", str(one.id))
    found = rows(await canvas.get_all(path, {"per_page": 100}), _Group)
    kept = [group for group in found if not group.non_collaborative]
    groups = await side_by_side(_with_members(canvas, group) for group in kept)
    return _of_set(one, sorted(groups, key=lambda group: id_order(group.id)))


async def _with_members(canvas: Canvas, group: _Group) -> facts.Group:
    try:
        return _of_group(group, await list_memberships(canvas, str(group.id)))
    except OF_ONE_GROUP:
        return _of_group(group, None)


def _of_set(one: _Set, groups: Iterable[facts.Group]) -> facts.GroupSet:
    student_organized = one.role == "student_organized"
    return facts.GroupSet(str(one.id), name(one.name), bool(one.self_signup), student_organized, tuple(groups))


def _of_group(group: _Group, members: tuple[facts.Member, ...] | None) -> facts.Group:
    return facts.Group(str(group.id), name(group.name), text(group.description), group.max_membership, members)
