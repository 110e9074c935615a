from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import rows
from domain.footprint import show
from graph.enums import Role, Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.paging import Connection, NameSort, page_request
from graph.types.facility import Facility
from graph.types.node import Node
from resolvers import attendance as resolve_attendance
from resolvers import enrollments as resolve_enrollments
from resolvers import facilities as resolve_facilities
from resolvers import links as resolve_links
from resolvers import teams as resolve_teams

if TYPE_CHECKING:
    from graph.types.enrollment import EnrollmentConnection
    from graph.types.provider_link import ProviderLink
    from graph.types.team import Team


@strawberry.type(description="One of the organisation's own people.")
class User(Node):
    row: strawberry.Private[rows.User]
    username: str = strawberry.field(description="The name they sign in with, unique in the organisation.")
    first_name: str = strawberry.field(description="Given name or names.")
    last_name: str = strawberry.field(description="Family name or names.")
    full_name: str = strawberry.field(description="First and last name, as lists are sorted by.")
    email: str | None = strawberry.field(description="Null where none is on record; never made up.")
    doc_id: str | None = strawberry.field(description="The organisation's own number for the person (document id).")
    role: Role = strawberry.field(description="What they may do.")
    deactivated_at: datetime | None = strawberry.field(
        description="Since when they no longer count; null for active people."
    )

    @batched(description="Where they are; null for those who belong to no facility.")
    @staticmethod
    async def facility(parents: Sequence[User], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return Facility.of_each(found)

    @batched(description="The Canvas accounts linked to this person now.")
    @staticmethod
    async def links(
        parents: Sequence[User], info: Info
    ) -> Answers[list[Annotated[ProviderLink, strawberry.lazy("graph.types.provider_link")]] | None]:
        from graph.types.provider_link import ProviderLink

        found = await resolve_links.links_of_users(info.context, [parent.row.id for parent in parents])
        return [[ProviderLink.of(row) for row in links] for links in found]

    @batched(description="Their classes, native and Canvas together, sorted by the class's name.")
    @staticmethod
    async def enrollments(
        parents: Sequence[User],
        info: Info,
        first: Annotated[
            int | None,
            strawberry.argument(
                description="How many, at most: 0 to 100, unless the operator set another limit. Null: 25."
            ),
        ] = 25,
        after: Annotated[str | None, strawberry.argument(description="A cursor: go on behind it.")] = None,
        sort: Annotated[NameSort | None, strawberry.argument(description="By the name of the class.")] = None,
    ) -> Answers[Annotated[EnrollmentConnection, strawberry.lazy("graph.types.enrollment")] | None]:
        from graph.types.enrollment import Enrollment, EnrollmentConnection

        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        ids = [parent.row.id for parent in parents]
        pages = await resolve_enrollments.enrollments_of_users(info.context, ids, request)
        return [EnrollmentConnection.page(page, Enrollment.of, status) for page, status in pages]

    @batched(
        description="(Present + partial) ÷ (those + unexcused) over their recorded native sessions, 0 to 1; null where nothing is "
        "recorded."
    )
    @staticmethod
    async def attendance_rate(parents: Sequence[User], info: Info) -> Answers[float | None]:
        return await resolve_attendance.user_rates(info.context, [parent.row.id for parent in parents])

    @batched(description="The teams they are in now, made by hand and from Canvas, by name.")
    @staticmethod
    async def teams(
        parents: Sequence[User],
        info: Info,
        sort: Annotated[NameSort | None, strawberry.argument(description="By the name of the team.")] = None,
    ) -> Answers[list[Annotated[Team, strawberry.lazy("graph.types.team")]] | None]:
        from graph.types.team import Team, in_order

        found = await resolve_teams.teams_of_users(info.context, [parent.row.id for parent in parents])
        return [[Team.of(row) for row in in_order(rows, sort)] for rows in found]

    @batched(description="Their one team; null where they are in none or in several.")
    @staticmethod
    async def team(
        parents: Sequence[User], info: Info
    ) -> Answers[Annotated[Team, strawberry.lazy("graph.types.team")] | None]:
        from graph.types.team import Team

        found = await resolve_teams.teams_of_users(info.context, [parent.row.id for parent in parents])
        return [Team.of(rows[0]) if len(rows) == 1 else None for rows in found]

    @batched(description="Where `team` is kept: NATIVE, made by hand, or CANVAS; null without one team.")
    @staticmethod
    async def team_source(parents: Sequence[User], info: Info) -> Answers[Source | None]:
        found = await resolve_teams.teams_of_users(info.context, [parent.row.id for parent in parents])
        return [rows[0].source if len(rows) == 1 else None for rows in found]

    @classmethod
    def of(cls, row: rows.User) -> User:
        show(row.id)
        return cls(
            id=encode(row.ref),
            row=row,
            username=row.username,
            first_name=row.first_name,
            last_name=row.last_name,
            full_name=row.full_name,
            email=row.email,
            doc_id=row.doc_id,
            role=row.role,
            deactivated_at=row.deactivated_at,
        )


@strawberry.type(description="One page of people.")
class UserConnection(Connection[User]): ...
