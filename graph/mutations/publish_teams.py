from __future__ import annotations

from typing import Annotated

import strawberry

from domain.problems import InvalidInput
from domain.refs import CanvasClassRef, TeamRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UpstreamRejectedError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.sync_run import SyncRun, sync_run
from services.teams.publish import publish_teams as publish

PublishTeamsError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | UpstreamRejectedError
    | NameTakenError,
    strawberry.union("PublishTeamsError", description="Why nothing was published."),
]


@strawberry.input(description="Which teams made by hand are to become Canvas groups.")
class PublishTeamsInput:
    class_id: strawberry.ID = strawberry.field(description="A Canvas class.")
    canvas_group_set: str = strawberry.field(
        description="The name of the group set to put them in; made where there is none."
    )
    team_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only these; null: all of the class that were made by hand."
    )
    max_members: int | None = strawberry.field(default=None, description="The most members of each group, 2 or more.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `publishTeams`.")
class PublishTeamsPayload:
    run: SyncRun | None = strawberry.field(default=None, description="The run.")
    errors: list[PublishTeamsError] = errors()


@mutation(
    PublishTeamsPayload,
    "Make empty Canvas groups for teams made by hand, which become Canvas teams. Their members follow with a plan and a push.",
)
async def publish_teams(info: Info, input: Annotated[PublishTeamsInput, INPUT]) -> PublishTeamsPayload | None:
    ref = input_ref(input.class_id, "classId", class_ref)
    if not isinstance(ref, CanvasClassRef):
        raise InvalidInput("Only classes of Canvas have groups.", ["classId"])
    teams = None if input.team_ids is None else [input_key(id, "teamIds", TeamRef) for id in input.team_ids]
    run = await publish(info.context.op, ref, teams, input.canvas_group_set, input.max_members)
    return PublishTeamsPayload(run=await sync_run(info, run))
