from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import teams
from domain.refs import PushPlanRef
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.types.classes import Class, class_of
from graph.types.node import Node
from graph.types.team import Team
from graph.types.user import User
from resolvers import classes as resolve_classes
from resolvers import teams as resolve
from resolvers import users as resolve_users


@strawberry.type(description="One person in a plan.")
class PlannedMember:
    row: strawberry.Private[teams.Planned]
    canvas_user_id: str | None = strawberry.field(description="Their Canvas account; null where none is linked.")
    code: str | None = strawberry.field(
        description="Why they are skipped: NOT_LINKED, DEACTIVATED, NOT_ENROLLED, GROUP_FULL, OTHER_SECTION, CHANGED_IN_CANVAS, "
        "LINK_CHANGED or NOT_IN_PLAN."
    )
    reason: str | None = strawberry.field(description="The same in a sentence to show.")

    @batched(description="The person; null for people out of your scope.")
    @staticmethod
    async def user(parents: Sequence[PlannedMember], info: Info) -> Answers[User | None]:
        ids = list({parent.row.user_id for parent in parents if parent.row.user_id is not None})
        rows = dict(zip(ids, await resolve_users.users_by_ids(info.context, ids), strict=True))
        found = [rows.get(parent.row.user_id or 0) for parent in parents]
        return [User.of(row) if row else None for row in found]

    @classmethod
    def of(cls, row: teams.Planned) -> PlannedMember:
        return cls(row=row, canvas_user_id=row.canvas_user_id, code=row.code, reason=row.reason)


async def _teams(info: Info, ids: Sequence[int]) -> list[Team | Exception]:
    wanted = list(set(ids))
    rows = dict(zip(wanted, await resolve.teams_by_ids(info.context, wanted), strict=True))
    return [Team.of(row) if (row := rows[id]) else resolve_users.gone() for id in ids]


@strawberry.type(description="One person who changes teams within a group set.")
class PlannedMove:
    row: strawberry.Private[teams.Move]
    member: PlannedMember = strawberry.field(description="Who.")

    @batched(name="from", description="The team they leave.")
    @staticmethod
    async def from_team(parents: Sequence[PlannedMove], info: Info) -> Answers[Team]:
        return await _teams(info, [parent.row.from_team_id for parent in parents])


@strawberry.type(description="What a push would do to one Canvas group.")
class TeamChange:
    row: strawberry.Private[teams.TeamChange]
    adds: list[PlannedMember] = strawberry.field(description="Who would be put in.")
    removes: list[PlannedMember] = strawberry.field(description="Who would be taken out, into no group.")
    moves: list[PlannedMove] = strawberry.field(description="Who would come from another team of the set.")
    keeps: int = strawberry.field(description="How many are in it on both sides already.")
    skipped: list[PlannedMember] = strawberry.field(
        description="Who would be left alone, because Canvas would drop, refuse or move them, or changed since the last pull."
    )

    @batched(description="The team.")
    @staticmethod
    async def team(parents: Sequence[TeamChange], info: Info) -> Answers[Team]:
        return await _teams(info, [parent.row.team_id for parent in parents])

    @classmethod
    def of(cls, row: teams.TeamChange) -> TeamChange:
        return cls(
            row=row,
            adds=[PlannedMember.of(one) for one in row.adds],
            removes=[PlannedMember.of(one) for one in row.removes],
            moves=[PlannedMove(row=move, member=PlannedMember.of(move.member)) for move in row.moves],
            keeps=row.keeps,
            skipped=[PlannedMember.of(one) for one in row.skipped],
        )


@strawberry.type(
    description="What a push would do in Canvas, before it does it. Good for 30 minutes, and for one push."
)
class PushPlan(Node):
    row: strawberry.Private[teams.PushPlan]
    created_at: datetime = strawberry.field(description="When Canvas was read for it.")
    expires_at: datetime = strawberry.field(description="Until when it may be pushed.")
    requires_override: bool = strawberry.field(
        description="Whether so much would be removed that a push needs a reason, from a department admin."
    )
    brake: str | None = strawberry.field(description="What tripped the brake, in words; null where nothing did.")
    changes: list[TeamChange] = strawberry.field(description="What would change, team by team.")

    @batched(name="class", description="The Canvas class.")
    @staticmethod
    async def school_class(parents: Sequence[PushPlan], info: Info) -> Answers[Class]:
        refs = [parent.row.school_class for parent in parents]
        found = await resolve_classes.classes_by_refs(info.context, refs)
        return [class_of(row) if row else resolve_users.gone() for row in found]

    @classmethod
    def of(cls, row: teams.PushPlan) -> PushPlan:
        return cls(
            id=encode(row.ref),
            row=row,
            created_at=row.created_at,
            expires_at=row.expires_at,
            requires_override=row.brake is not None,
            brake=row.brake,
            changes=[TeamChange.of(change) for change in row.changes],
        )


async def push_plan(info: Info, ref: PushPlanRef) -> PushPlan | None:
    """The plan of a ref, as payloads show it."""
    row = (await resolve.plans_by_ids(info.context, [ref.id]))[0]
    return PushPlan.of(row) if row else None
