from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import matches
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.types.node import Node
from graph.types.provider_link import ProviderLink
from graph.types.user import User
from resolvers import matching as resolve
from resolvers import users as resolve_users


@strawberry.type(description="Links made in one step; `restoreLink` takes them back together within 30 days.")
class MatchApplication(Node):
    row: strawberry.Private[matches.MatchApplication]
    applied_at: datetime = strawberry.field(description="When.")
    undone_at: datetime | None = strawberry.field(description="When it was taken back; null while it stands.")

    @batched(description="Who applied; null for background work, and for people out of your scope.")
    @staticmethod
    async def applied_by(parents: Sequence[MatchApplication], info: Info) -> Answers[User | None]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.applied_by_id or 0 for parent in parents])
        return [User.of(row) if row else None for row in found]

    @batched(description="The links that it made, those undone since included.")
    @staticmethod
    async def links(parents: Sequence[MatchApplication], info: Info) -> Answers[list[ProviderLink]]:
        found = await resolve.links_of_applications(info.context, [parent.row.id for parent in parents])
        return [[ProviderLink.of(row) for row in rows] for rows in found]

    @classmethod
    def of(cls, row: matches.MatchApplication) -> MatchApplication:
        return cls(id=encode(row.ref), row=row, applied_at=row.applied_at, undone_at=row.undone_at)
