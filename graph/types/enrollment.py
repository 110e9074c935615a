from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import catalog, rows
from domain.footprint import show
from domain.refs import CanvasEnrollmentRef
from graph.enums import EnrollmentStatus, Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.paging import Connection
from graph.types.node import Node
from graph.types.user import User
from resolvers import classes as resolve_classes
from resolvers import enrollments as resolve
from resolvers import users as resolve_users

if TYPE_CHECKING:
    from graph.types.classes import Class


CANVAS_HISTORY = "Enrollment history is managed in Canvas."


@strawberry.type(description="One step in an enrolment's history.")
class EnrollmentChange:
    row: strawberry.Private[rows.EnrollmentChange]
    from_status: EnrollmentStatus | None = strawberry.field(description="What it was before; null for the first step.")
    to_status: EnrollmentStatus = strawberry.field(description="What it became.")
    at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why, in words; null where nobody said.")

    @batched(description="Who did it; null for background work, and for people out of your scope.")
    @staticmethod
    async def by(parents: Sequence[EnrollmentChange], info: Info) -> Answers[User | None]:
        ids = {parent.row.by_id for parent in parents if parent.row.by_id is not None}
        found = {row.id: User.of(row) for row in await resolve_users.users_by_ids(info.context, list(ids)) if row}
        return [found.get(parent.row.by_id) if parent.row.by_id else None for parent in parents]

    @classmethod
    def of(cls, row: rows.EnrollmentChange) -> EnrollmentChange:
        return cls(row=row, from_status=row.from_status, to_status=row.to_status, at=row.at, reason=row.reason)


@strawberry.type(description="One person in one class. In Canvas: however many sections they are in, once.")
class Enrollment(Node):
    row: strawberry.Private[catalog.Enrollment]
    status: EnrollmentStatus = strawberry.field(description="Where the person is in the class.")
    enrolled_at: datetime | None = strawberry.field(description="Since when; null where that is not known.")
    ended_at: datetime | None = strawberry.field(
        description="Until when; null while it lasts or where that is not known."
    )
    source: Source = strawberry.field(description="Where the enrolment is kept.")
    history_note: str | None = strawberry.field(description="Why `history` is empty, where it always is.")

    @batched(description="The person.")
    @staticmethod
    async def user(parents: Sequence[Enrollment], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.user_id for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]

    @batched(name="class", description="The class.")
    @staticmethod
    async def school_class(
        parents: Sequence[Enrollment], info: Info
    ) -> Answers[Annotated[Class, strawberry.lazy("graph.types.classes")]]:
        from graph.types.classes import class_of

        found = await resolve_classes.classes_by_refs(info.context, [parent.row.school_class for parent in parents])
        return [class_of(row) if row else resolve_users.gone() for row in found]

    @batched(description="Every step of it, oldest first. Empty for Canvas, which keeps its own history.")
    @staticmethod
    async def history(parents: Sequence[Enrollment], info: Info) -> Answers[list[EnrollmentChange]]:
        found = await resolve.changes_of(info.context, [parent.row.ref for parent in parents])
        return [[EnrollmentChange.of(row) for row in steps] for steps in found]

    @classmethod
    def of(cls, row: catalog.Enrollment) -> Enrollment:
        show(row.user_id)
        return cls(
            id=encode(row.ref),
            row=row,
            status=row.status,
            enrolled_at=row.enrolled_at,
            ended_at=row.ended_at,
            source=row.ref.source,
            history_note=CANVAS_HISTORY if isinstance(row.ref, CanvasEnrollmentRef) else None,
        )


@strawberry.type(description="One page of enrolments.")
class EnrollmentConnection(Connection[Enrollment]): ...
