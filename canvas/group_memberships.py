"""Who is in a group: one person at a time, or the whole group at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, id_order, row, rows, text
from domain import facts
from domain.errors import UpstreamMissing, UpstreamUnreadable

STATES = ["accepted", "invited", "requested"]


class _Membership(msgspec.Struct):
    user_id: Id
    workflow_state: str | None = None


class _User(msgspec.Struct):
    id: Id
    name: str | None = None


class _Group(msgspec.Struct):
    users: list[_User] | None = None


async def list_memberships(canvas: Canvas, group_id: str) -> tuple[facts.Member, ...]:
    """Everybody in a group, by ascending id, without names.

    Source: GET /api/v1/groups/:id/memberships, all pages
    Errors: UpstreamForbidden without the right to see the roster; UpstreamMissing for a deleted group.
    """
    found = await canvas.get_all(canvas.path("groups/{}/memberships", group_id), {"per_page": 100})
    members = [_member(membership) for membership in rows(found, _Membership) if membership.workflow_state in STATES]
    return tuple(sorted(members, key=lambda member: id_order(member.user_id)))


async def create_membership(canvas: Canvas, group_id: str, user_id: str) -> facts.Member:
    """Put one person into a group. Repeating it changes nothing.

    Source: POST /api/v1/groups/:id/memberships
    Quirk:  takes the person out of their other group of the set; in a course's group they are in at once.
    Errors: UpstreamForbidden for somebody who is not enrolled in the course; UpstreamRejected with type `full`.
    """
    found = row(await canvas.post(canvas.path("groups/{}/memberships", group_id), {"user_id": user_id}), _Membership)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "membership")
    return _member(found)


async def delete_membership(canvas: Canvas, group_id: str, user_id: str) -> None:
    """Take one person out of a group; being out already is fine.

    Source: DELETE /api/v1/groups/:id/users/:user_id
    """
    try:
        await canvas.delete(canvas.path("groups/{}/users/{}", group_id, user_id))
    except UpstreamMissing:
        return


async def replace_members(canvas: Canvas, group_id: str, user_ids: Sequence[str]) -> tuple[str, ...]:
    """Make these people, and nobody else, the group's members; answer who is in it now.

    Source: PUT /api/v1/groups/:id with members[]
    Shape:  ids as Canvas's own numbers; an empty list empties the group.
    Quirk:  people who are not enrolled or do not fit are dropped, people in another group of the set are moved, all
            silently: compare the answer. A SIS id would count as 0 and empty the group, so it is refused here.
    Errors: UpstreamMissing for an id that is no number; UpstreamForbidden.
    """
    if not all(user_id.isdecimal() for user_id in user_ids):
        raise UpstreamMissing(canvas.provider, "not an id")
    payload = await canvas.put(canvas.path("groups/{}", group_id), json={"members": list(user_ids)})
    found = row(payload, _Group)
    if found is None or found.users is None:
        return tuple(member.user_id for member in await list_memberships(canvas, group_id))
    return tuple(sorted((str(user.id) for user in found.users), key=id_order))


async def invite(canvas: Canvas, group_id: str, emails: Sequence[str]) -> tuple[facts.Member, ...]:
    """Ask people, by e-mail address, into a group. Canvas writes to them.

    Source: POST /api/v1/groups/:id/invite
    Quirk:  members of the course are in at once.
    """
    found = await canvas.post(canvas.path("groups/{}/invite", group_id), {"invitees[]": list(emails)})
    return tuple(_member(membership) for membership in rows(found, _Membership))


def _member(membership: _Membership) -> facts.Member:
    return facts.Member(str(membership.user_id), text(membership.workflow_state) or "accepted", None)
