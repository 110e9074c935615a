from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import TeamRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from services.teams.changes import delete_team as delete

DeleteTeamError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError | ReadOnlyError,
    strawberry.union("DeleteTeamError", description="Why a team was not deleted."),
]


@strawberry.input(description="The team to delete.")
class DeleteTeamInput:
    id: strawberry.ID = strawberry.field(
        description="A team made by hand, or one whose group has vanished from Canvas."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `deleteTeam`.")
class DeleteTeamPayload:
    id: strawberry.ID | None = strawberry.field(default=None, description="The id of the team that is no more.")
    errors: list[DeleteTeamError] = errors()


@mutation(DeleteTeamPayload, "Delete a team; its memberships end and stay as history.")
async def delete_team(info: Info, input: Annotated[DeleteTeamInput, INPUT]) -> DeleteTeamPayload | None:
    ref = TeamRef(input_key(input.id, "id", TeamRef))
    await delete(info.context.op, ref)
    return DeleteTeamPayload(id=input.id)
