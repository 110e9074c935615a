"""Facilities, ordered by name."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import Facility
from db.queries.fetching import by_ids, rows_of
from domain import rows
from domain.scope import Scope


async def facilities(scope: Scope) -> list[rows.Facility]:
    """All, or the viewer's own one."""
    visible = Q() if scope.everywhere else Q(id=scope.facility_id)
    return await rows_of(rows.Facility, Facility.filter(visible).order_by("sort_key", "id"))


async def facilities_by_ids(ids: Iterable[int]) -> list[rows.Facility]:
    """In no order and whatever the scope: the ids come from rows that are in scope, or the caller checks them."""
    return await by_ids(rows.Facility, Facility.all(), ids)
