from __future__ import annotations

from collections.abc import Sequence

import strawberry

from domain import teams
from graph.enums import PushOutcome
from graph.execution.batching import Answers, batched
from graph.info import Info
from graph.types.team import Team
from graph.types.user import User
from resolvers import teams as resolve
from resolvers import users as resolve_users


@strawberry.type(description="What a push did to one person, from what Canvas shows afterwards.")
class PushedMember:
    row: strawberry.Private[teams.Result]
    canvas_user_id: str = strawberry.field(description="Their Canvas account.")
    outcome: PushOutcome = strawberry.field(description="What became of them.")

    @batched(description="The person; null for people out of your scope.")
    @staticmethod
    async def user(parents: Sequence[PushedMember], info: Info) -> Answers[User | None]:
        ids = list({parent.row.user_id for parent in parents if parent.row.user_id is not None})
        rows = dict(zip(ids, await resolve_users.users_by_ids(info.context, ids), strict=True))
        found = [rows.get(parent.row.user_id or 0) for parent in parents]
        return [User.of(row) if row else None for row in found]

    @batched(description="The team they were to be in, or to leave; null for one that was deleted since.")
    @staticmethod
    async def team(parents: Sequence[PushedMember], info: Info) -> Answers[Team | None]:
        return await _teams(info, [parent.row.team_id for parent in parents])

    @batched(name="from", description="The team they came from; null for all who were not to be moved.")
    @staticmethod
    async def from_team(parents: Sequence[PushedMember], info: Info) -> Answers[Team | None]:
        return await _teams(info, [parent.row.from_team_id for parent in parents])

    @classmethod
    def of(cls, row: teams.Result) -> PushedMember:
        return cls(row=row, canvas_user_id=row.canvas_user_id, outcome=row.outcome)


async def _teams(info: Info, ids: Sequence[int | None]) -> list[Team | None]:
    wanted = list({id for id in ids if id is not None})
    rows = dict(zip(wanted, await resolve.teams_by_ids(info.context, wanted), strict=True))
    found = [rows.get(id) if id is not None else None for id in ids]
    return [Team.of(row) if row else None for row in found]
