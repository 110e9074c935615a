from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from domain.refs import ProviderRef, SyncRunRef
from graph.ids import decode_as
from graph.info import Info
from graph.types.freshness import SourceStatus
from graph.types.sync_run import SyncRun
from resolvers import providers, runs


@strawberry.type(description="What clients are told without asking again.")
class Subscription:
    @strawberry.subscription(
        description="The state of a provider now and after every change, so that a page showing LOADING refetches without polling."
    )
    async def source_updated(
        self,
        info: Info,
        provider_id: Annotated[strawberry.ID, strawberry.argument(description="The Canvas instance to follow.")],
    ) -> AsyncIterator[SourceStatus]:
        number = decode_as(provider_id, ProviderRef).id
        async for status in providers.updates(info.context, number):
            yield SourceStatus.of(status)

    @strawberry.subscription(
        description="A run now and after every change; ends with the run. Ask `node(id)` after a broken connection."
    )
    async def sync_run_updated(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The run to follow.")]
    ) -> AsyncIterator[SyncRun]:
        async for row in runs.updates(info.context, decode_as(id, SyncRunRef)):
            yield SyncRun.of(row)
