from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import strawberry

from domain import events as rows
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.types.facility import Facility
from graph.types.node import Node
from resolvers import facilities as resolve_facilities
from resolvers import users as resolve_users


@strawberry.type(description="A room of a facility, in which sessions are held.")
class Room(Node):
    row: strawberry.Private[rows.Room]
    name: str = strawberry.field(description="Its name, unique in the facility.")
    capacity: int | None = strawberry.field(description="How many people it holds; null where that is not recorded.")
    is_deleted: bool = strawberry.field(description="Whether it can no longer be chosen; past sessions keep it.")

    @batched(description="The facility it is in.")
    @staticmethod
    async def facility(parents: Sequence[Room], info: Info) -> Answers[Facility]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return [Facility.of(row) if row else resolve_users.gone() for row in found]

    @classmethod
    def of(cls, row: rows.Room) -> Room:
        return cls(
            id=encode(row.ref), row=row, name=row.name, capacity=row.capacity, is_deleted=row.deleted_at is not None
        )


@strawberry.type(
    description="Days on which a facility holds no sessions: those of a series are cancelled, moved ones are not."
)
class Holiday(Node):
    row: strawberry.Private[rows.Holiday]
    name: str = strawberry.field(description="Its name, which is the reason of the sessions it cancels.")
    first_day: date = strawberry.field(description="Its first day.")
    last_day: date = strawberry.field(description="Its last day, inclusive.")

    @batched(description="The facility that keeps it.")
    @staticmethod
    async def facility(parents: Sequence[Holiday], info: Info) -> Answers[Facility]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return [Facility.of(row) if row else resolve_users.gone() for row in found]

    @classmethod
    def of(cls, row: rows.Holiday) -> Holiday:
        return cls(id=encode(row.ref), row=row, name=row.name, first_day=row.first_day, last_day=row.last_day)
