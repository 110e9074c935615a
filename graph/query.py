from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from domain.enums import ProviderState as States
from domain.errors import BadInputError
from domain.refs import FacilityRef, ProviderRef, UserRef
from graph.arguments import AFTER, END, FIRST, SORT, START
from graph.enums import MatchPolicy, ProviderState
from graph.ids import class_ref, decode_as, program_ref
from graph.info import Info
from graph.inputs.filters import (
    AuditFilter,
    CalendarFilter,
    ClassFilter,
    ProgramFilter,
    SyncRunFilter,
    TeamFilter,
    UserFilter,
)
from graph.limits.bucket import current as budget
from graph.nodes import nodes_by_ids
from graph.paging import NameSort, page_request
from graph.types.access_entry import AccessEntry, AccessEntryConnection
from graph.types.audit import AuditEntry, AuditEntryConnection
from graph.types.calendar import Calendar
from graph.types.classes import Class, ClassConnection, class_of
from graph.types.facility import Facility
from graph.types.feed import CalendarFeed
from graph.types.match_report import MatchReport, match_report
from graph.types.node import Node
from graph.types.program import Program, ProgramConnection, program_of
from graph.types.provider import Provider
from graph.types.rate_limit import RateLimit
from graph.types.sync_run import SyncRun, SyncRunConnection
from graph.types.team import Team, TeamConnection
from graph.types.user import User, UserConnection
from graph.types.viewer import Viewer
from resolvers import audit, calendar, classes, facilities, feeds, ledger, programs, providers, runs, teams, users
from settings import settings

ID = strawberry.argument(description="Its id, from any answer.")


@strawberry.type(
    description="Everything that can be read. Each answer holds what exists for the viewer, and nothing else."
)
class Query:
    @strawberry.field(description="Who is asking. Null without a token.")
    async def viewer(self, info: Info) -> Viewer | None:
        return Viewer.of(info)

    @strawberry.field(description="Any object by its id; null where it does not exist for you.")
    async def node(self, info: Info, id: Annotated[strawberry.ID, ID]) -> Node | None:
        _ = info.context.op
        return (await nodes_by_ids(info, [id]))[0]

    @strawberry.field(description="Many objects by their ids, in that order; null where one does not exist for you.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Ids from any answers; as many as a page holds.")
        ],
    ) -> list[Node | None] | None:
        _ = info.context.op
        if len(ids) > settings().max_page:
            raise BadInputError(f"Ask for at most {settings().max_page} ids at once.", ["ids"])
        return await nodes_by_ids(info, ids)

    @strawberry.field(description="The organisation's facilities in your scope, by name.")
    async def facilities(self, info: Info, sort: Annotated[NameSort | None, SORT] = None) -> list[Facility] | None:
        rows = await facilities.facilities_in_scope(info.context)
        return [Facility.of(row) for row in (reversed(rows) if sort is NameSort.NAME_DESC else rows)]

    @strawberry.field(description="The organisation's people in your scope, by full name.")
    async def users(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[UserFilter | None, strawberry.argument(description="Only people of this kind.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> UserConnection | None:
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page = await users.users_page(info.context, (filter or UserFilter()).narrowed(), request)
        return UserConnection.page(page, User.of)

    @strawberry.field(
        description="The Canvas instances: enabled, disabled, archived, each by name. Only enabled ones for non-managers."
    )
    async def providers(
        self,
        info: Info,
        states: Annotated[
            list[ProviderState] | None, strawberry.argument(description="Only in one of these states; null: all.")
        ] = (ProviderState.ENABLED,),  # type: ignore[assignment]  # a default has to be hashable
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> list[Provider] | None:
        rows = await providers.providers_in(info.context, list(States) if states is None else states)
        if sort is NameSort.NAME_DESC:
            rows = sorted(rows, key=lambda row: row.sort_key, reverse=True)
        return [Provider.of(row, info) for row in rows]

    @strawberry.field(
        description="Programs of both sources, merged. A Canvas that fails never hides native ones: see `sources`."
    )
    async def programs(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[ProgramFilter | None, strawberry.argument(description="Only programs of this kind.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> ProgramConnection | None:
        narrowed = (filter or ProgramFilter()).narrowed()
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page, status = await programs.programs_page(info.context, narrowed, request)
        return ProgramConnection.page(page, lambda row: program_of(row, narrowed.facility_id), status)

    @strawberry.field(description="One program; null where it does not exist for you.")
    async def program(self, info: Info, id: Annotated[strawberry.ID, ID]) -> Program | None:
        ref = program_ref(id)
        row = (await programs.programs_by_refs(info.context, [ref]))[0]
        return program_of(row) if row else None

    @strawberry.field(
        description="Classes of both sources, merged. A Canvas that fails never hides native ones: see `sources`."
    )
    async def classes(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[ClassFilter | None, strawberry.argument(description="Only classes of this kind.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> ClassConnection | None:
        narrowed = (filter or ClassFilter()).narrowed()
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page, status = await classes.classes_page(info.context, narrowed, request)
        return ClassConnection.page(page, lambda row: class_of(row, narrowed.facility_id), status)

    @strawberry.field(name="class", description="One class; null where it does not exist for you.")
    async def school_class(self, info: Info, id: Annotated[strawberry.ID, ID]) -> Class | None:
        ref = class_ref(id)
        row = (await classes.classes_by_refs(info.context, [ref]))[0]
        return class_of(row) if row else None

    @strawberry.field(
        description="Which of our students without a link is which Canvas student without one. Null for students, and where the "
        "Canvas or the facility does not exist for you."
    )
    async def match_report(
        self,
        info: Info,
        provider_id: Annotated[strawberry.ID, strawberry.argument(description="The Canvas instance.")],
        facility_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only the people of this facility; all in your scope when left out."),
        ] = None,
        policy: Annotated[
            MatchPolicy | None, strawberry.argument(description="How to grade; the provider's own when left out.")
        ] = None,
    ) -> MatchReport | None:
        facility = decode_as(facility_id, FacilityRef).id if facility_id is not None else None
        return await match_report(info, decode_as(provider_id, ProviderRef).id, facility, policy)

    @strawberry.field(
        description="Sessions of both sources in one timeline. A Canvas that fails never hides native ones: see `sources`."
    )
    async def calendar(
        self,
        info: Info,
        start: Annotated[date, START],
        end: Annotated[date, END],
        filter: Annotated[CalendarFilter | None, strawberry.argument(description="Whose events.")] = None,
    ) -> Calendar | None:
        narrowed = (filter or CalendarFilter()).narrowed()
        return await Calendar.of(await calendar.timeline(info.context, start, end, narrowed))

    @strawberry.field(
        description="Who was shown a student's data, by which operation, newest first; answers from caches are in it, a "
        "student's own look at it is not. Null for students, and where the person does not exist for you."
    )
    async def access_ledger(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The student.")],
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
    ) -> AccessEntryConnection | None:
        person = decode_as(user_id, UserRef).id
        page = await ledger.access_page(info.context, person, page_request(first, after))
        return AccessEntryConnection.page(page, AccessEntry.of) if page else None

    @strawberry.field(description="The viewer's budget of points. Null where nobody counts.")
    async def rate_limit(self, info: Info) -> RateLimit | None:
        if info.context.operation is not None:
            info.context.operation.loaders.facts.settled = False  # Another answer the next time: not to be remembered.
        level = budget.get()
        return RateLimit.of(level) if level is not None else None

    @strawberry.field(description="The calendar feeds in your scope that are not revoked, oldest first.")
    async def calendar_feeds(self, info: Info) -> list[CalendarFeed] | None:
        return [CalendarFeed.of(row, info) for row in await feeds.calendar_feeds(info.context)]

    @strawberry.field(description="Who did what, in your scope, newest first. Empty for students.")
    async def audit_log(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[AuditFilter | None, strawberry.argument(description="Only entries of this kind.")] = None,
    ) -> AuditEntryConnection | None:
        page = await audit.audit_page(info.context, (filter or AuditFilter()).narrowed(), page_request(first, after))
        return AuditEntryConnection.page(page, AuditEntry.of)

    @strawberry.field(
        description="Runs of long work in your scope, newest first: also those of others that you joined. Empty for students."
    )
    async def sync_runs(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        class_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only runs about this one class.")
        ] = None,
        filter: Annotated[SyncRunFilter | None, strawberry.argument(description="Only runs of this kind.")] = None,
    ) -> SyncRunConnection | None:
        ref = class_ref(class_id) if class_id is not None else None
        page = await runs.runs_page(info.context, (filter or SyncRunFilter()).narrowed(ref), page_request(first, after))
        return SyncRunConnection.page(page, SyncRun.of)

    @strawberry.field(description="Teams in your scope, made by hand and from Canvas, by name. Asks Canvas nothing.")
    async def teams(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[TeamFilter | None, strawberry.argument(description="Only teams of this kind.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> TeamConnection | None:
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page = await teams.teams_page(info.context, (filter or TeamFilter()).narrowed(), request)
        return TeamConnection.page(page, Team.of)
