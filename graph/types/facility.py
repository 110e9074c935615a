from __future__ import annotations

import strawberry

from domain import rows
from graph.ids import encode
from graph.scalars import TimeZone
from graph.types.node import Node


@strawberry.type(description="A place of the organisation: a school, a campus, a correctional facility.")
class Facility(Node):
    name: str = strawberry.field(description="Its name, unique in the organisation.")
    time_zone: TimeZone = strawberry.field(description="The zone in which its classes meet.")

    @classmethod
    def of(cls, row: rows.Facility) -> Facility:
        return cls(id=encode(row.ref), name=row.name, time_zone=TimeZone(row.time_zone))
