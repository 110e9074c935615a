"""What a group set lets in: the limits that Canvas applies without a word."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from canvas.client import Canvas, side_by_side
from canvas.payloads import Id, row, rows
from domain.errors import UpstreamUnreadable


@dataclass(frozen=True, slots=True)
class SetRules:
    """`by_section`: members of a group share a section; `limits`: group id → the most members, None without a limit."""

    by_section: bool
    limits: dict[str, int | None]


class _Set(msgspec.Struct):
    self_signup: str | None = None


class _Group(msgspec.Struct):
    id: Id
    max_membership: int | None = None


async def show_set_rules(canvas: Canvas, set_id: str) -> SetRules:
    """The rules of one group set.

    Source: GET /api/v1/group_categories/:id, and group_categories/:id/groups, all pages
    Errors: UpstreamMissing for a deleted set; UpstreamForbidden.
    """
    path = canvas.path("group_categories/{}", set_id)
    payload, groups = await side_by_side([canvas.get(path), canvas.get_all(f"{path}/groups", {"per_page": 100})])
    found = row(payload, _Set)
    if found is None:
        raise UpstreamUnreadable(canvas.provider, "group set")
    return SetRules(
        by_section=found.self_signup == "restricted",
        limits={str(group.id): group.max_membership for group in rows(groups, _Group)},
    )
