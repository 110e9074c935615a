from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import catalog, freshness
from graph.enums import SourceState
from graph.execution.batching import Answers, batched
from graph.info import Info
from resolvers import providers as resolve

if TYPE_CHECKING:
    from graph.types.provider import Provider


@strawberry.type(description="How current a Canvas-backed answer is. Native objects answer FRESH.")
class Freshness:
    state: SourceState = strawberry.field(description="Whether to show it, show it with its age, or wait.")
    fetched_at: datetime | None = strawberry.field(description="When Canvas last said so; null for native objects.")
    expires_at: datetime | None = strawberry.field(description="Until when it counts as fresh.")
    retry_after: timedelta | None = strawberry.field(
        description="When asking again makes sense: while LOADING, FAILED, or STALE with an `errorCode`."
    )
    error_code: str | None = strawberry.field(
        description="Why the last refresh failed, such as TIMEOUT, ACCESS_KEY_REFUSED, PERMISSION_MISSING, THROTTLED."
    )
    message: str | None = strawberry.field(
        description="The same in a sentence to show; for LOADING “Syncing from Canvas…”."
    )

    @classmethod
    def of(cls, row: freshness.Freshness) -> Freshness:
        return cls(
            state=row.state,
            fetched_at=row.fetched_at,
            expires_at=row.expires_at,
            retry_after=row.retry_after,
            error_code=row.error_code,
            message=row.message,
        )


NATIVE_FRESHNESS = Freshness.of(freshness.FRESH)


@strawberry.type(
    description="What one provider contributed to a list. A failed or loading Canvas never hides native rows, and is never "
    "mistaken for “there is nothing there”."
)
class SourceStatus:
    number: strawberry.Private[int]
    state: SourceState = strawberry.field(description="How current the provider's contribution is.")
    fetched_at: datetime | None = strawberry.field(description="When Canvas last answered.")
    retry_after: timedelta | None = strawberry.field(
        description="When asking again makes sense: while LOADING, FAILED, or STALE with an `errorCode`."
    )
    error_code: str | None = strawberry.field(description="Why the last refresh failed; null where it did not.")
    message: str | None = strawberry.field(description="The same in a sentence to show.")
    expected: int | None = strawberry.field(
        description="How many of the provider's courses (or accounts, or groups) should be in this answer; null if unknown."
    )
    loaded: int | None = strawberry.field(
        description="How many of them are. Fewer than `expected`: some are loading, failing or closed to the access key."
    )

    @batched(description="The Canvas instance in question.")
    @staticmethod
    async def provider(
        parents: list[SourceStatus], info: Info
    ) -> Answers[Annotated[Provider, strawberry.lazy("graph.types.provider")]]:
        from graph.types.provider import Provider

        found = await resolve.providers_by_number(info.context, [parent.number for parent in parents])
        return [Provider.of(row, info) for row in found if row]

    @classmethod
    def of(cls, row: catalog.SourceStatus) -> SourceStatus:
        fresh = row.freshness
        return cls(
            number=row.provider,
            state=fresh.state,
            fetched_at=fresh.fetched_at,
            retry_after=fresh.retry_after,
            error_code=fresh.error_code,
            message=fresh.message,
            expected=row.expected,
            loaded=row.loaded,
        )
