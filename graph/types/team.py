from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry

from domain import teams
from domain.refs import TeamRef
from graph.arguments import AFTER, FIRST, SORT
from graph.enums import Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.paging import Connection, NameSort, page_request
from graph.types.audit import AuditEntry, AuditEntryConnection
from graph.types.facility import Facility
from graph.types.node import Node
from graph.types.user import User
from resolvers import audit as resolve_audit
from resolvers import classes as resolve_classes
from resolvers import facilities as resolve_facilities
from resolvers import teams as resolve
from settings import settings

if TYPE_CHECKING:
    from graph.types.classes import Class


T = TypeVar("T")


@strawberry.type(description="People who work together: made by hand, or a group in Canvas.")
class Team(Node):
    row: strawberry.Private[teams.Team]
    name: str = strawberry.field(description="Its name; of a Canvas team the group's, at most 100 characters.")
    description: str | None = strawberry.field(
        description="What it is for, at most 500 characters. Of a Canvas team only where Canvas was read class by class: its "
        "own GraphQL does not tell it."
    )
    source: Source = strawberry.field(
        description="NATIVE: made by hand and never touched by a pull. CANVAS: a group; show a “Synced from Canvas” badge."
    )
    canvas_group_id: str | None = strawberry.field(description="Canvas's own id of the group; null for NATIVE.")
    canvas_group_set: str | None = strawberry.field(description="The name of the group set it is in; null for NATIVE.")
    canvas_group_set_id: str | None = strawberry.field(description="Canvas's own id of that set; null for NATIVE.")
    last_synced_at: datetime | None = strawberry.field(description="When Canvas was last read; null for NATIVE.")
    gone_at: datetime | None = strawberry.field(
        description="Since when its group is no longer in Canvas; null while it is. A pull with `removeStale` deletes it."
    )

    @batched(name="class", description="The class it belongs to; null for none, and for one out of your scope.")
    @staticmethod
    async def school_class(
        parents: Sequence[Team], info: Info
    ) -> Answers[Annotated[Class, strawberry.lazy("graph.types.classes")] | None]:
        from graph.types.classes import class_of

        refs = list({ref for parent in parents if (ref := parent.row.school_class) is not None})
        rows = dict(zip(refs, await resolve_classes.classes_by_refs(info.context, refs), strict=True))
        found = [rows.get(ref) if (ref := parent.row.school_class) else None for parent in parents]
        return [class_of(row) if row else None for row in found]

    @batched(description="The facility it belongs to; null: the department's.")
    @staticmethod
    async def facility(parents: Sequence[Team], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return Facility.of_each(found)

    @batched(
        description="Local edits of a Canvas team that wait for a push: people put in and taken out here since Canvas was last "
        "read. 0 for NATIVE and for students."
    )
    @staticmethod
    async def pending_changes(parents: Sequence[Team], info: Info) -> Answers[int]:
        return await resolve.pending_changes(info.context, [parent.row for parent in parents])

    @batched(
        description="Its active people in your scope, by name. A student sees themselves and, where the operator has switched "
        "it on, team-mates with nothing but their name."
    )
    @staticmethod
    async def members(
        parents: Sequence[Team], info: Info, sort: Annotated[NameSort | None, SORT] = None
    ) -> Answers[list[User] | None]:
        ids = [parent.row.id for parent in parents]
        found = await resolve.members(info.context, ids, students_see_team=settings().students_see_team)
        return [[User.of(row) for row in in_order(rows, sort)] for rows in found]

    @batched(
        description="How many `members` there are for you: a student counts themselves and the team-mates they may see."
    )
    @staticmethod
    async def member_count(parents: Sequence[Team], info: Info) -> Answers[int]:
        ids = [parent.row.id for parent in parents]
        return await resolve.member_counts(info.context, ids, students_see_team=settings().students_see_team)

    @strawberry.field(description="Who changed what about it, newest first; pulls and pushes too.")
    async def history(
        self, info: Info, first: Annotated[int | None, FIRST] = 25, after: Annotated[str | None, AFTER] = None
    ) -> AuditEntryConnection | None:
        page = await resolve_audit.history(info.context, self.row.ref, page_request(first, after))
        return AuditEntryConnection.page(page, AuditEntry.of)

    @classmethod
    def of(cls, row: teams.Team) -> Team:
        return cls(
            id=encode(row.ref),
            row=row,
            name=row.name,
            description=row.description,
            source=row.source,
            canvas_group_id=row.canvas_group_id,
            canvas_group_set=row.canvas_set_name,
            canvas_group_set_id=row.canvas_set_id,
            last_synced_at=row.last_synced_at,
            gone_at=row.gone_at,
        )


def in_order(rows: Sequence[T], sort: NameSort | None) -> Sequence[T]:
    """Rows that come by name, in the order asked for."""
    return rows[::-1] if sort is NameSort.NAME_DESC else rows


async def team(info: Info, ref: TeamRef) -> Team | None:
    """The team of a ref, as payloads show it."""
    row = (await resolve.teams_by_ids(info.context, [ref.id]))[0]
    return Team.of(row) if row else None


@strawberry.type(description="One page of teams.")
class TeamConnection(Connection[Team]): ...
