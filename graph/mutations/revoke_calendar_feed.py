from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import CalendarFeedRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.feed import CalendarFeed
from services import feeds

RevokeCalendarFeedError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("RevokeCalendarFeedError", description="Why the feed was not revoked."),
]


@strawberry.input(description="Which feed to revoke.")
class RevokeCalendarFeedInput:
    id: strawberry.ID = strawberry.field(description="The feed.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `revokeCalendarFeed`.")
class RevokeCalendarFeedPayload:
    feed: CalendarFeed | None = strawberry.field(default=None, description="The feed, revoked.")
    errors: list[RevokeCalendarFeedError] = errors()


@mutation(RevokeCalendarFeedPayload, "End a calendar feed: its address answers nothing from now on.")
async def revoke_calendar_feed(
    info: Info, input: Annotated[RevokeCalendarFeedInput, INPUT]
) -> RevokeCalendarFeedPayload | None:
    ref = CalendarFeedRef(input_key(input.id, "id", CalendarFeedRef))
    revoked = await feeds.revoke_feed(info.context.op, ref)
    return RevokeCalendarFeedPayload(feed=await subject(info, revoked, CalendarFeed))
