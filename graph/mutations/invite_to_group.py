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
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.invited import InvitedMember
from graph.types.team import Team, team
from services.teams.invite import invite_to_group as invite

InviteToGroupError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | UpstreamRejectedError
    | ConflictError
    | NotAStudentError,
    strawberry.union("InviteToGroupError", description="Why nobody was invited."),
]


@strawberry.input(description="Whom to put into a Canvas group.")
class InviteToGroupInput:
    team_id: strawberry.ID = strawberry.field(description="A Canvas team.")
    user_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="People in your scope. Those without a Canvas account are invited by e-mail."
    )
    emails: list[str] = strawberry.field(
        default_factory=list, description="Addresses to invite; Canvas writes to them. Department admins only."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `inviteToGroup`.")
class InviteToGroupPayload:
    team: Team | None = strawberry.field(default=None, description="The team.")
    invited: list[InvitedMember] | None = strawberry.field(
        default=None, description="What became of each person and address."
    )
    errors: list[InviteToGroupError] = errors()


@mutation(
    InviteToGroupPayload,
    "Put single people into a Canvas group at once, without a plan: by account where one is linked, by e-mail else.",
)
async def invite_to_group(info: Info, input: Annotated[InviteToGroupInput, INPUT]) -> InviteToGroupPayload | None:
    ref = TeamRef(input_key(input.team_id, "teamId", TeamRef))
    people = [input_key(id, "userIds", UserRef) for id in input.user_ids]
    found = await invite(info.context.op, ref, people, input.emails)
    return InviteToGroupPayload(team=await team(info, ref), invited=[InvitedMember.of(row) for row in found])
