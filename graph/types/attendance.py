from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain import events as rows
from domain.footprint import show
from graph.calendar_enums import AttendanceFlagKind, AttendanceMark
from graph.execution.batching import Answers, batched
from graph.info import Info
from graph.types.user import User
from resolvers import users as resolve_users


@strawberry.type(description="How one person was at one session.")
class AttendanceRecord:
    row: strawberry.Private[rows.Attendance]
    mark: AttendanceMark = strawberry.field(description="Whether they were there.")
    minutes: int | None = strawberry.field(description="How long they were there; null where that was not recorded.")
    note: str | None = strawberry.field(description="What was noted about it.")
    recorded_at: datetime = strawberry.field(description="When this was last recorded.")

    @batched(description="The person.")
    @staticmethod
    async def user(parents: Sequence[AttendanceRecord], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.user_id for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]

    @batched(description="Who recorded it; null where they are out of your scope.")
    @staticmethod
    async def recorded_by(parents: Sequence[AttendanceRecord], info: Info) -> Answers[User | None]:
        ids = {parent.row.recorded_by_id for parent in parents if parent.row.recorded_by_id is not None}
        found = await resolve_users.users_by_ids(info.context, list(ids))
        users = {row.id: User.of(row) for row in found if row}
        return [users.get(parent.row.recorded_by_id or 0) for parent in parents]

    @classmethod
    def of(cls, row: rows.Attendance) -> AttendanceRecord:
        show(row.user_id)
        return cls(row=row, mark=row.mark, minutes=row.minutes, note=row.note, recorded_at=row.recorded_at)


@strawberry.type(
    description="Somebody who may need help. Of a native class the numbers are recorded sessions, of a Canvas class assignments "
    "(show “assignments” as the unit)."
)
class AttendanceFlag:
    user_id: strawberry.Private[int]
    kind: AttendanceFlagKind = strawberry.field(description="The main reason.")
    total: int = strawberry.field(description="Sessions recorded, or assignments.")
    attended: int = strawberry.field(description="Sessions attended, or assignments handed in.")
    missed: int = strawberry.field(description="Unexcused absences, or assignments missing.")
    attendance_rate: float | None = strawberry.field(
        description="Sessions attended ÷ (those + unexcused), or assignments handed in ÷ all, 0 to 1; null where there are none."
    )
    reasons: list[str] = strawberry.field(description="Every reason, in sentences to show.")

    @batched(description="The person.")
    @staticmethod
    async def user(parents: Sequence[AttendanceFlag], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.user_id for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]

    @classmethod
    def of(cls, row: rows.AttendanceFlag) -> AttendanceFlag:
        return cls(
            user_id=row.user_id,
            kind=row.kind,
            total=row.total,
            attended=row.attended,
            missed=row.missed,
            attendance_rate=row.rate,
            reasons=list(row.reasons),
        )
