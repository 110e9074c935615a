from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from domain import rows
from domain.footprint import show
from domain.refs import UserRef
from graph.execution.batching import Answers, batched
from graph.ids import encode, encode_text
from graph.info import Info
from graph.paging import Connection
from graph.types.facility import Facility
from graph.types.node import Node
from resolvers import facilities as resolve_facilities
from resolvers import users as resolve_users

if TYPE_CHECKING:
    from graph.types.user import User


@strawberry.type(description="One thing that somebody did. Entries are never changed.")
class AuditEntry(Node):
    row: strawberry.Private[rows.AuditEntry]
    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description="What was done: the mutation's name, such as linkUser.")
    object_type: str = strawberry.field(description="The type of the object, such as User.")
    object_id: strawberry.ID = strawberry.field(description="The object's id, for `node(id)`.")
    before: JSON | None = strawberry.field(
        description="The changed fields as they were; null for something new. No secrets."
    )
    after: JSON | None = strawberry.field(
        description="The changed fields as they are; null for something removed. No secrets."
    )
    request_id: str | None = strawberry.field(description="The request's id, as in the operator's logs.")

    @batched(description="Who did it; null for background work, and for people out of your scope.")
    @staticmethod
    async def actor(
        parents: Sequence[AuditEntry], info: Info
    ) -> Answers[Annotated[User, strawberry.lazy("graph.types.user")] | None]:
        from graph.types.user import User

        ids = {parent.row.actor_id for parent in parents if parent.row.actor_id is not None}
        found = {row.id: row for row in await resolve_users.users_by_ids(info.context, list(ids)) if row}
        actors = (found.get(parent.row.actor_id) if parent.row.actor_id else None for parent in parents)
        return [User.of(row) if row else None for row in actors]

    @batched(description="The facility that it concerned; null where it concerned none in particular.")
    @staticmethod
    async def facility(parents: Sequence[AuditEntry], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [parent.row.facility_id for parent in parents])
        return Facility.of_each(found)

    @classmethod
    def of(cls, row: rows.AuditEntry) -> AuditEntry:
        if row.object_type == UserRef.type_name:
            show(int(row.object_key.rpartition(":")[2]))
        return cls(
            id=encode(row.ref),
            row=row,
            at=row.at,
            action=row.action,
            object_type=row.object_type,
            object_id=encode_text(f"{row.object_type}:{row.object_key}"),
            before=JSON(row.before) if row.before is not None else None,
            after=JSON(row.after) if row.after is not None else None,
            request_id=row.request_id,
        )


@strawberry.type(description="One page of the audit log, newest first.")
class AuditEntryConnection(Connection[AuditEntry]): ...
