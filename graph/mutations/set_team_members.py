from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import TeamRef, UserRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.team import Team, team
from services.teams.members import set_team_members as put

SetTeamMembersError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | NotAStudentError | ConflictError,
    strawberry.union("SetTeamMembersError", description="Why nobody was put into the team."),
]


@strawberry.input(description="Who is to be in a team.")
class SetTeamMembersInput:
    team_id: strawberry.ID = strawberry.field(description="The team.")
    user_ids: list[strawberry.ID] = strawberry.field(
        description="All who are to be in it, as far as they are in your scope: others in it stay."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `setTeamMembers`.")
class SetTeamMembersPayload:
    team: Team | None = strawberry.field(default=None, description="The team.")
    errors: list[SetTeamMembersError] = errors()


@mutation(
    SetTeamMembersPayload,
    "Say who is in a team. Whoever was in another team of the class and group set leaves that one. In a Canvas team these are local changes: plan and push them.",
)
async def set_team_members(info: Info, input: Annotated[SetTeamMembersInput, INPUT]) -> SetTeamMembersPayload | None:
    ref = TeamRef(input_key(input.team_id, "teamId", TeamRef))
    people = [input_key(id, "userIds", UserRef) for id in input.user_ids]
    return SetTeamMembersPayload(team=await team(info, await put(info.context.op, ref, people)))
