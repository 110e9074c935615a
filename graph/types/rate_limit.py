from __future__ import annotations

from datetime import UTC, datetime, timedelta

import strawberry

from graph.limits.bucket import Level
from settings import settings


@strawberry.type(description="The viewer's budget while this operation runs; what it does not use is given back.")
class RateLimit:
    limit: int = strawberry.field(description="Points that the budget holds.")
    remaining: int = strawberry.field(description="Points left.")
    cost: int = strawberry.field(description="Points taken for this operation, before what is given back.")
    reset_at: datetime = strawberry.field(description="When the budget is full again if nothing more is asked.")

    @classmethod
    def of(cls, level: Level) -> RateLimit:
        full = datetime.now(UTC) + timedelta(seconds=level.full_in)
        return cls(limit=settings().budget, remaining=max(0, level.remaining), cost=level.taken, reset_at=full)
