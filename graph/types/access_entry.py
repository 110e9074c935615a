from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import rows
from graph.execution.batching import Answers, batched
from graph.info import Info
from graph.paging import Connection
from graph.types.user import User
from resolvers import users as resolve_users


@strawberry.type(description="That a student's data was shown to somebody, once per operation and hour.")
class AccessEntry:
    row: strawberry.Private[rows.AccessEntry]
    hour: datetime = strawberry.field(description="The beginning of the hour in which it was shown.")
    operation: str | None = strawberry.field(description="The operation's name; null where its author gave none.")
    document: str = strawberry.field(description="The first 12 digits of the document's sha256, as in the logs.")

    @batched(description="Who was shown it; null for people out of your scope.")
    @staticmethod
    async def viewer(parents: Sequence[AccessEntry], info: Info) -> Answers[User | None]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.viewer_id for parent in parents])
        return [User.of(row) if row else None for row in found]

    @classmethod
    def of(cls, row: rows.AccessEntry) -> AccessEntry:
        return cls(row=row, hour=row.hour, operation=row.operation or None, document=row.document)


@strawberry.type(description="One page of a student's access ledger, newest first.")
class AccessEntryConnection(Connection[AccessEntry]): ...
