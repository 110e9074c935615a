"""Rooms and holidays of facilities, as far as the viewer may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.queries import rooms
from domain.events import Holiday, Room
from loaders import Loaders


async def rooms_by_ids(ids: Sequence[int]) -> list[Room]:
    """Those of `ids`, in no order: the callers take them from sessions that are in scope."""
    return await rooms.rooms_by_ids(ids)


async def rooms_in_scope_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[Room | None]:
    """One answer per id; None for a room of a facility out of scope."""
    found = {row.id: row for row in await rooms.rooms_by_ids(ids) if sees(loaders, row.facility_id)}
    return [found.get(id) for id in ids]


async def holidays_in_scope_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[Holiday | None]:
    """One answer per id; None for a holiday of a facility out of scope."""
    found = {row.id: row for row in await rooms.holidays_by_ids(ids) if sees(loaders, row.facility_id)}
    return [found.get(id) for id in ids]


async def rooms_of_facilities(loaders: Loaders, facility_ids: Sequence[int]) -> list[list[Room] | None]:
    """The rooms of each facility, by name; None out of scope."""
    found = await rooms.rooms_of_facilities([id for id in facility_ids if sees(loaders, id)])
    return [found.get(id, []) if sees(loaders, id) else None for id in facility_ids]


async def holidays_of_facilities(
    loaders: Loaders, facility_ids: Sequence[int], first: date, last: date
) -> list[list[Holiday] | None]:
    """The holidays of each facility with a day from `first` to `last`; None out of scope."""
    found = await rooms.holidays_between([id for id in facility_ids if sees(loaders, id)], first, last)
    return [found.get(id, []) if sees(loaders, id) else None for id in facility_ids]


def sees(loaders: Loaders, facility_id: int) -> bool:
    """Whether a facility's rooms and holidays exist for the viewer: for a student those of their own one."""
    return loaders.scope.covers_facility(facility_id)
