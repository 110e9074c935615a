from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef, UserRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.feed import CalendarFeed
from services import feeds

CreateCalendarFeedError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("CreateCalendarFeedError", description="Why no feed was made."),
]


@strawberry.input(description="Whose calendar to publish: one person's or one facility's.")
class CreateCalendarFeedInput:
    user_id: strawberry.ID | None = strawberry.field(default=None, description="A person: students themselves only.")
    facility_id: strawberry.ID | None = strawberry.field(default=None, description="A facility, for its admins.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createCalendarFeed`.")
class CreateCalendarFeedPayload:
    feed: CalendarFeed | None = strawberry.field(default=None, description="The new feed, with its address.")
    errors: list[CreateCalendarFeedError] = errors()


@mutation(CreateCalendarFeedPayload, "Publish a calendar at an address of its own, for calendar programs.")
async def create_calendar_feed(
    info: Info, input: Annotated[CreateCalendarFeedInput, INPUT]
) -> CreateCalendarFeedPayload | None:
    user = input_key(input.user_id, "userId", UserRef) if input.user_id else None
    facility = input_key(input.facility_id, "facilityId", FacilityRef) if input.facility_id else None
    ref = await feeds.create_feed(info.context.op, user, facility)
    return CreateCalendarFeedPayload(feed=await subject(info, ref, CalendarFeed))
