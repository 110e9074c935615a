from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import TeamRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    ReadOnlyError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.team import Team, team
from services.teams.changes import update_team as update

UpdateTeamError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | NameTakenError
    | ReadOnlyError,
    strawberry.union("UpdateTeamError", description="Why a team was not changed."),
]


@strawberry.input(description="What to change about a team made by hand. What is left out stays as it is.")
class UpdateTeamInput:
    id: strawberry.ID = strawberry.field(description="The team.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is for; null takes the description away."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `updateTeam`.")
class UpdateTeamPayload:
    team: Team | None = strawberry.field(default=None, description="The team.")
    errors: list[UpdateTeamError] = errors()


@mutation(UpdateTeamPayload, "Rename or describe a team made by hand.")
async def update_team(info: Info, input: Annotated[UpdateTeamInput, INPUT]) -> UpdateTeamPayload | None:
    ref = TeamRef(input_key(input.id, "id", TeamRef))
    cleared = input.description is None
    given = None if input.description is strawberry.UNSET else input.description
    return UpdateTeamPayload(
        team=await team(info, await update(info.context.op, ref, input.name, given, clear_description=cleared))
    )
