"""Rooms and holidays of facilities. Callers have seen that the facility is in the viewer's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from db.models import Holiday, Room
from db.queries.fetching import by_ids
from domain import events as rows


async def rooms_by_ids(ids: Iterable[int]) -> list[rows.Room]:
    """In no order; deleted ones too."""
    return await by_ids(rows.Room, Room.all(), ids)


async def rooms_of_facilities(facility_ids: Iterable[int]) -> dict[int, list[rows.Room]]:
    """Those that are not deleted, by facility, each list by name."""
    found: defaultdict[int, list[rows.Room]] = defaultdict(list)
    live = Room.filter(deleted_at=None).order_by("sort_key", "id")
    for row in await by_ids(rows.Room, live, facility_ids, "facility_id"):
        found[row.facility_id].append(row)
    return dict(found)


async def holidays_by_ids(ids: Iterable[int]) -> list[rows.Holiday]:
    """In no order."""
    return await by_ids(rows.Holiday, Holiday.all(), ids)


async def holidays_between(facility_ids: Iterable[int], first: date, last: date) -> dict[int, list[rows.Holiday]]:
    """Those with a day from `first` to `last`, by facility, in the order of their days."""
    found: defaultdict[int, list[rows.Holiday]] = defaultdict(list)
    within = Holiday.filter(first_day__lte=last, last_day__gte=first).order_by("first_day", "id")
    for row in await by_ids(rows.Holiday, within, facility_ids, "facility_id"):
        found[row.facility_id].append(row)
    return dict(found)
