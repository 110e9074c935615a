from __future__ import annotations

from typing import Annotated

import strawberry

from domain.problems import InvalidInput
from domain.refs import CanvasClassRef, ProviderRef
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    OverrideRequiredError,
    UpstreamUnavailableError,
)
from graph.ids import class_ref, input_key, input_ref
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.sync_run import SyncRun, sync_run
from services.teams.pull import Options
from services.teams.pull import sync_teams as ask

SyncTeamsError = Annotated[
    NotFoundError
    | NotAllowedError
    | InvalidInputError
    | UpstreamUnavailableError
    | ConflictError
    | OverrideRequiredError,
    strawberry.union("SyncTeamsError", description="Why nothing was pulled."),
]


@strawberry.input(description="What to pull: one class, or every class of a provider. Name exactly one of the two.")
class SyncTeamsInput:
    class_id: strawberry.ID | None = strawberry.field(default=None, description="A Canvas class.")
    provider_id: strawberry.ID | None = strawberry.field(default=None, description="A Canvas instance.")
    remove_stale: bool = strawberry.field(
        default=False, description="Delete teams whose group has vanished from Canvas. Department admins only."
    )
    create_missing: bool = strawberry.field(
        default=False, description="Make and link people for members of groups whom nobody here is linked to."
    )
    include_student_organized: bool = strawberry.field(
        default=False, description="Take groups over that students made themselves; these are read class by class."
    )
    override: str | None = strawberry.field(
        default=None, description="Why so many memberships may be ended, where the brake trips. Department admins only."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `syncTeams`.")
class SyncTeamsPayload:
    run: SyncRun | None = strawberry.field(
        default=None, description="The run: the one that was under way already, where there was one."
    )
    errors: list[SyncTeamsError] = errors()


@mutation(SyncTeamsPayload, "Take Canvas groups and their members over as teams. Teams made by hand are never touched.")
async def sync_teams(info: Info, input: Annotated[SyncTeamsInput, INPUT]) -> SyncTeamsPayload | None:
    if (input.class_id is None) == (input.provider_id is None):
        raise InvalidInput("Name a class or a provider.", ["classId"])
    subject: CanvasClassRef | ProviderRef
    if input.provider_id is not None:
        subject = ProviderRef(input_key(input.provider_id, "providerId", ProviderRef))
    else:
        ref = input_ref(input.class_id or "", "classId", class_ref)
        if not isinstance(ref, CanvasClassRef):
            raise InvalidInput("Only classes of Canvas have groups.", ["classId"])
        subject = ref
    options = Options(input.remove_stale, input.create_missing, input.include_student_organized, input.override)
    return SyncTeamsPayload(run=await sync_run(info, await ask(info.context.op, subject, options)))
