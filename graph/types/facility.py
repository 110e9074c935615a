from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import rows
from graph.arguments import END, START
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.scalars import TimeZone
from graph.types.node import Node
from resolvers import rooms as resolve_rooms

if TYPE_CHECKING:
    from graph.types.room import Holiday, Room


@strawberry.type(description="A place of the organisation: a school, a campus, a correctional facility.")
class Facility(Node):
    row: strawberry.Private[rows.Facility]
    name: str = strawberry.field(description="Its name, unique in the organisation.")
    time_zone: TimeZone = strawberry.field(description="The zone in which its classes meet.")

    @batched(description="Its rooms, by name; null where they are out of your scope.")
    @staticmethod
    async def rooms(
        parents: Sequence[Facility], info: Info
    ) -> Answers[list[Annotated[Room, strawberry.lazy("graph.types.room")]] | None]:
        from graph.types.room import Room

        found = await resolve_rooms.rooms_of_facilities(info.context, [parent.row.id for parent in parents])
        return [None if rooms is None else [Room.of(row) for row in rooms] for rooms in found]

    @batched(description="Its holidays with a day in the range, in order; null where they are out of your scope.")
    @staticmethod
    async def holidays(
        parents: Sequence[Facility],
        info: Info,
        start: Annotated[date, START],
        end: Annotated[date, END],
    ) -> Answers[list[Annotated[Holiday, strawberry.lazy("graph.types.room")]] | None]:
        from graph.types.room import Holiday

        ids = [parent.row.id for parent in parents]
        found = await resolve_rooms.holidays_of_facilities(info.context, ids, start, end)
        return [None if holidays is None else [Holiday.of(row) for row in holidays] for holidays in found]

    @classmethod
    def of(cls, row: rows.Facility) -> Facility:
        return cls(id=encode(row.ref), row=row, name=row.name, time_zone=TimeZone(row.time_zone))

    @classmethod
    def of_each(cls, found: Sequence[rows.Facility | None]) -> list[Facility | None]:
        """Lists name the same few again and again: one object for each."""
        made = {id(row): cls.of(row) for row in {id(row): row for row in found if row}.values()}
        return [made[id(row)] if row else None for row in found]
