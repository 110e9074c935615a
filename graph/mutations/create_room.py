from __future__ import annotations

from typing import Annotated, cast

import strawberry

from domain.refs import FacilityRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.room import Room
from services import room_changes

CreateRoomError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("CreateRoomError", description="Why the room was not created."),
]


@strawberry.input(description="A room in which sessions can be held.")
class CreateRoomInput:
    facility_id: strawberry.ID = strawberry.field(description="The facility.")
    name: str = strawberry.field(description="Its name, unique in the facility.")
    capacity: int | None = strawberry.field(default=None, description="How many people it holds.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createRoom`.")
class CreateRoomPayload:
    room: Room | None = strawberry.field(default=None, description="The new room.")
    errors: list[CreateRoomError] = errors()


@mutation(CreateRoomPayload, "Create a room of a facility. Facility admins: of their own facility.")
async def create_room(info: Info, input: Annotated[CreateRoomInput, INPUT]) -> CreateRoomPayload | None:
    facility = input_key(input.facility_id, "facilityId", FacilityRef)
    fields = cast("room_changes.RoomFields", fields_of(input, "facility_id"))
    ref = await room_changes.create_room(info.context.op, facility, fields)
    return CreateRoomPayload(room=await subject(info, ref, Room))
