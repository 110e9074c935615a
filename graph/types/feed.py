from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import events as rows
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.scalars import URL
from graph.types.facility import Facility
from graph.types.node import Node
from graph.types.user import User
from resolvers import facilities as resolve_facilities
from resolvers import feeds as resolve
from resolvers import users as resolve_users
from settings import settings


@strawberry.type(
    description="A calendar at an address of its own (`.ics`), for calendar programs, which cannot send a token. Whoever has the "
    "address sees the calendar, as its maker sees it: revoke it when it got into other hands. It ends by itself when its maker "
    "may not publish it any more."
)
class CalendarFeed(Node):
    row: strawberry.Private[rows.CalendarFeed]
    path: str = strawberry.field(description="The address on this server, to be put behind its name. Keep it secret.")
    url: URL | None = strawberry.field(
        description="The whole address; null where the operator did not say under which name this server is reached."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    revoked_at: datetime | None = strawberry.field(
        description="Since when the address answers nothing; null while it does."
    )

    @batched(description="The person whose calendar it is; null for a facility's.")
    @staticmethod
    async def user(parents: Sequence[CalendarFeed], info: Info) -> Answers[User | None]:
        ids = {parent.row.user_id for parent in parents if parent.row.user_id is not None}
        found = await resolve_users.users_by_ids(info.context, list(ids))
        users = {row.id: User.of(row) for row in found if row}
        return [users.get(parent.row.user_id or 0) for parent in parents]

    @batched(description="The facility whose calendar it is; null for a person's.")
    @staticmethod
    async def facility(parents: Sequence[CalendarFeed], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return Facility.of_each(found)

    @classmethod
    def of(cls, row: rows.CalendarFeed, info: Info) -> CalendarFeed:
        path = resolve.path_of(info.context, row)
        base = settings().public_url
        url = URL(base.rstrip("/") + path) if base else None
        return cls(
            id=encode(row.ref), row=row, path=path, url=url, created_at=row.created_at, revoked_at=row.revoked_at
        )
