from __future__ import annotations

from typing import Annotated

import strawberry

from domain.refs import SyncRunRef
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.ids import input_key
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.sync_run import SyncRun, sync_run
from services.runs import cancel

CancelSyncRunError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("CancelSyncRunError", description="Why a run was not stopped."),
]


@strawberry.input(description="The run to stop.")
class CancelSyncRunInput:
    id: strawberry.ID = strawberry.field(description="A run in your scope.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `cancelSyncRun`.")
class CancelSyncRunPayload:
    run: SyncRun | None = strawberry.field(
        default=None, description="The run. It ends before its next step; one that was finished stays as it was."
    )
    errors: list[CancelSyncRunError] = errors()


@mutation(CancelSyncRunPayload, "Stop a run before its next step. What it has done stays done.")
async def cancel_sync_run(info: Info, input: Annotated[CancelSyncRunInput, INPUT]) -> CancelSyncRunPayload | None:
    ref = SyncRunRef(input_key(input.id, "id", SyncRunRef))
    return CancelSyncRunPayload(run=await sync_run(info, await cancel(info.context.op, ref)))
