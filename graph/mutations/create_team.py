from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import FacilityRef, UserRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotAStudentError,
    NotFoundError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.team import Team, team
from services.teams.changes import TeamFields
from services.teams.changes import create_team as create

CreateTeamError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | NameTakenError
    | NotAStudentError
    | ConflictError,
    strawberry.union("CreateTeamError", description="Why no team was made."),
]


@strawberry.input(description="A new team, made by hand.")
class CreateTeamInput:
    name: str = strawberry.field(description="Its name, at most 100 characters, unique in its class and facility.")
    description: str | None = strawberry.field(default=None, description="What it is for, at most 500 characters.")
    class_id: strawberry.ID | None = strawberry.field(
        default=None, description="A class of either source; null: of none."
    )
    facility_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose it is, unless its class says so. A facility admin's is the own facility's; null: the department's.",
    )
    user_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Students who are in it at once."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `createTeam`.")
class CreateTeamPayload:
    team: Team | None = strawberry.field(default=None, description="The new team.")
    errors: list[CreateTeamError] = errors()


@mutation(CreateTeamPayload, "Make a team by hand, in a class of either source or in none.")
async def create_team(info: Info, input: Annotated[CreateTeamInput, INPUT]) -> CreateTeamPayload | None:
    fields = TeamFields(
        name=input.name,
        description=input.description,
        school_class=input_ref(input.class_id, "classId", class_ref) if input.class_id is not None else None,
        facility_id=input_key(input.facility_id, "facilityId", FacilityRef) if input.facility_id is not None else None,
        user_ids=[input_key(id, "userIds", UserRef) for id in input.user_ids],
    )
    return CreateTeamPayload(team=await team(info, await create(info.context.op, fields)))
