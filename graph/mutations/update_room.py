from __future__ import annotations

from typing import Annotated, cast

import strawberry

from domain.refs import RoomRef
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
from graph.mutations.field import INPUT, changeable, errors, fields_of, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.room import Room
from services import room_changes

UpdateRoomError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | NameTakenError,
    strawberry.union("UpdateRoomError", description="Why the room was not changed."),
]


@strawberry.input(description="What to change about a room.")
class UpdateRoomInput:
    id: strawberry.ID = strawberry.field(description="The room.")
    name: str | None = changeable("Its name, unique in the facility.")
    capacity: int | None = changeable("How many people it holds; null where that is not recorded.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateRoom`.")
class UpdateRoomPayload:
    room: Room | None = strawberry.field(default=None, description="The room as it is now.")
    errors: list[UpdateRoomError] = errors()


@mutation(UpdateRoomPayload, "Change a room. Facility admins: of their own facility.")
async def update_room(info: Info, input: Annotated[UpdateRoomInput, INPUT]) -> UpdateRoomPayload | None:
    ref = RoomRef(input_key(input.id, "id", RoomRef))
    fields = cast("room_changes.RoomFields", fields_of(input, "id"))
    changed = await room_changes.update_room(info.context.op, ref, fields)
    return UpdateRoomPayload(room=await subject(info, changed, Room))
