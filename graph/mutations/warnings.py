"""What a change of the calendar tells its author, and does not refuse."""

from __future__ import annotations

import strawberry

from domain.refs import NativeEventRef
from graph.calendar_enums import OverlapKind
from graph.info import Info
from graph.types.calendar import NativeEvent, event_of
from resolvers.calendar import overlaps


@strawberry.type(description="A session of another class at the same time that needs the same room or instructor.")
class ScheduleWarning:
    kind: OverlapKind = strawberry.field(description="What the two share.")
    message: str = strawberry.field(description="A sentence to show.")
    at: NativeEvent = strawberry.field(description="The session that was written.")
    overlapping: NativeEvent = strawberry.field(description="The other one.")


async def warnings_of(info: Info, ref: NativeEventRef) -> list[ScheduleWarning]:
    """One per other series, with the first session of each that overlaps."""
    found = []
    for overlap in await overlaps(info.context, ref):
        at, other = event_of(overlap.at), event_of(overlap.with_)
        if isinstance(at, NativeEvent) and isinstance(other, NativeEvent):
            what = f"The room {other.location}" if overlap.kind is OverlapKind.ROOM else "The instructor"
            message = f"{what} is also needed by “{other.title}” at that time."
            found.append(ScheduleWarning(kind=overlap.kind, message=message, at=at, overlapping=other))
    return found
