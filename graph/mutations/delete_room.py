from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import RoomRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.mutations.subjects import subject
from graph.types.facility import Facility
from services import room_changes

DeleteRoomError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("DeleteRoomError", description="Why the room was not deleted."),
]


@strawberry.input(description="Which room to delete.")
class DeleteRoomInput:
    id: strawberry.ID = strawberry.field(description="The room.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deleteRoom`.")
class DeleteRoomPayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="The id of the room.")
    facility: Facility | None = strawberry.field(default=None, description="The facility it was of.")
    errors: list[DeleteRoomError] = errors()


@mutation(
    DeleteRoomPayload,
    "Delete a room: it can no longer be chosen, and the sessions in it keep its name. Facility admins: of their own facility.",
)
async def delete_room(info: Info, input: Annotated[DeleteRoomInput, INPUT]) -> DeleteRoomPayload | None:
    ref = RoomRef(input_key(input.id, "id", RoomRef))
    facility = await room_changes.delete_room(info.context.op, ref)
    return DeleteRoomPayload(deleted_id=input.id, facility=await subject(info, facility, Facility))
