from __future__ import annotations

from collections.abc import Sequence

import strawberry

from graph.execution.batching import Answers, batched
from graph.info import Info
from graph.types.user import User
from resolvers import users as resolve_users
from services.teams.invite import Invited


@strawberry.type(description="What became of one person, or one address, that was to be in a group.")
class InvitedMember:
    user_id: strawberry.Private[int | None]
    email: str | None = strawberry.field(description="The address that was used; null for an account.")
    outcome: str = strawberry.field(
        description="ADDED: in the group now. INVITED: Canvas has written to them. ASKED: Canvas took fewer than all addresses. "
        "REFUSED: Canvas refused. NO_ADDRESS: neither an account nor an address is known. FAILED: Canvas could not be asked any more."
    )

    @batched(description="The person; null for a bare address.")
    @staticmethod
    async def user(parents: Sequence[InvitedMember], info: Info) -> Answers[User | None]:
        ids = list({parent.user_id for parent in parents if parent.user_id is not None})
        rows = dict(zip(ids, await resolve_users.users_by_ids(info.context, ids), strict=True))
        found = [rows.get(parent.user_id or 0) for parent in parents]
        return [User.of(row) if row else None for row in found]

    @classmethod
    def of(cls, row: Invited) -> InvitedMember:
        return cls(user_id=row.user_id, email=row.email, outcome=row.outcome)
