"""The organisation's places."""

from __future__ import annotations

from collections.abc import Sequence

from db.queries import facilities
from domain import rows
from loaders import Loaders


async def list_facilities(loaders: Loaders) -> list[rows.Facility]:
    """Those in scope, by name."""
    return await facilities.facilities(loaders.scope)


async def facilities_in_scope_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[rows.Facility]:
    """Those of `ids` that are in scope, in no order."""
    visible = [id for id in ids if loaders.scope.covers_facility(id) or id == loaders.scope.facility_id]
    return [row for row in await loaders.facility_by_id.load_many(visible) if row]
