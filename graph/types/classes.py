from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain import catalog
from domain.refs import CanvasClassRef
from domain.teams import NO_GROUPS
from graph.arguments import AFTER, END, FIRST, SORT, START
from graph.enums import ClassStatus, EnrollmentStatus, GroupsState, Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.inputs.filters import RosterFilter
from graph.paging import Connection, NameSort, page_request
from graph.scalars import URL, TimeZone
from graph.types.attendance import AttendanceFlag
from graph.types.audit import AuditEntry, AuditEntryConnection
from graph.types.calendar import CalendarEvent, ClassSchedule, event_of
from graph.types.enrollment import Enrollment, EnrollmentConnection
from graph.types.facility import Facility
from graph.types.freshness import Freshness, SourceStatus
from graph.types.node import Node
from graph.types.program import Program, program_of
from graph.types.views import per_view
from resolvers import attendance as resolve_attendance
from resolvers import audit as resolve_audit
from resolvers import calendar as resolve_calendar
from resolvers import classes as resolve
from resolvers import facilities as resolve_facilities
from resolvers import programs as resolve_programs
from resolvers import providers as resolve_providers
from resolvers import teams as resolve_teams
from resolvers import users as resolve_users

if TYPE_CHECKING:
    from graph.types.provider import Provider
    from graph.types.team import Team

CANVAS_HISTORY = "Audit history is not available for Canvas classes."


@strawberry.type(description="How many of one facility's people are enrolled in a class.")
class FacilityEnrollment:
    facility: Facility = strawberry.field(description="The facility.")
    enrolled_count: int = strawberry.field(description="Its people with an active enrolment in the class, each once.")


@strawberry.interface(description="A class: the organisation's own, or a published Canvas course.")
class Class(Node):
    row: strawberry.Private[catalog.SchoolClass]
    view: strawberry.Private[int | None]
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is about.")
    source: Source = strawberry.field(description="Where it is kept and changed.")
    is_read_only: bool = strawberry.field(description="Whether it can be changed here. Hide edit controls where true.")
    read_only_reason: str | None = strawberry.field(description="The sentence for the banner where it is read-only.")
    history_note: str | None = strawberry.field(description="Why `history` is empty, where it always is.")
    status: ClassStatus = strawberry.field(
        description="Of a Canvas class: COMPLETED when concluded or past its end (the course's, else the term's), SCHEDULED "
        "before its start, else ACTIVE."
    )
    start_date: date | None = strawberry.field(description="Its first day; null where none is set.")
    end_date: date | None = strawberry.field(description="Its last day; null where none is set.")
    time_zone: TimeZone | None = strawberry.field(description="The zone of its dates and meetings.")
    capacity: int | None = strawberry.field(
        description="How many it takes; null without a limit and for Canvas (show “—”)."
    )
    credit_hours: float | None = strawberry.field(description="Credit hours it earns; null for Canvas.")

    @batched(description="The program it belongs to.")
    @staticmethod
    async def program(parents: Sequence[Class], info: Info) -> Answers[Program]:
        asked = {(parent.row.program, parent.view) for parent in parents}
        found = await resolve_programs.programs_by_refs(info.context, list({ref for ref, _ in asked}))
        rows = {row.ref: row for row in found if row}
        made = {(ref, view): program_of(rows[ref], view) for ref, view in asked if ref in rows}
        return [made.get((parent.row.program, parent.view)) or resolve_users.gone() for parent in parents]

    @batched(description="Where it is taught; null for Canvas, whose courses belong to no facility.")
    @staticmethod
    async def facility(parents: Sequence[Class], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [parent.row.facility_id for parent in parents])
        return Facility.of_each(found)

    @batched(description="The names of those who teach it. Empty where Canvas cannot be read.")
    @staticmethod
    async def instructors(parents: Sequence[Class], info: Info) -> Answers[list[str]]:
        return await resolve.instructors(info.context, [parent.row for parent in parents])

    @batched(
        description="Distinct people in your scope with an active enrolment; in Canvas only linked ones. Equals "
        "`roster.totalCount`. Null for students and where Canvas cannot be read."
    )
    @staticmethod
    async def enrolled_count(parents: Sequence[Class], info: Info) -> Answers[int | None]:
        return await per_view(parents, partial(resolve.enrolled_counts, info.context))

    @batched(
        description="Distinct people in your scope who completed it. Null for students and where Canvas cannot be read."
    )
    @staticmethod
    async def completed_count(parents: Sequence[Class], info: Info) -> Answers[int | None]:
        return await per_view(parents, partial(resolve.completed_counts, info.context))

    @batched(
        description="`enrolledCount` by the facility people are in. Null for students and where Canvas cannot be read."
    )
    @staticmethod
    async def enrollments_by_facility(parents: Sequence[Class], info: Info) -> Answers[list[FacilityEnrollment] | None]:
        counts = await per_view(parents, partial(resolve.counts_by_facility, info.context))
        ids = list({count.facility_id for rows in counts for count in rows or ()})
        found = await resolve_facilities.facilities_by_ids(info.context, ids)
        facilities = {id: Facility.of(row) for id, row in zip(ids, found, strict=True) if row}
        return [
            None
            if rows is None
            else [FacilityEnrollment(facility=facilities[row.facility_id], enrolled_count=row.enrolled) for row in rows]
            for rows in counts
        ]

    @batched(
        description="Its people in your scope, by name. Unlinked Canvas accounts are never shown; a student sees their own row."
    )
    @staticmethod
    async def roster(
        parents: Sequence[Class],
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[
            RosterFilter | None, strawberry.argument(description="Only enrolments in these states; null: all.")
        ] = RosterFilter(status=[EnrollmentStatus.ENROLLED]),  # noqa: B008  the schema prints this default
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> Answers[EnrollmentConnection | None]:
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        narrowed = (filter or RosterFilter()).narrowed()
        asked = partial(resolve.roster_pages_of, info.context, narrowed=narrowed, request=request)
        pages = await per_view(parents, asked)
        return [EnrollmentConnection.page(page, Enrollment.of, status) for page, status in pages]

    @batched(
        description="When and where it meets; null where nothing is ahead or Canvas cannot be read. Of a Canvas class from its "
        "events of the next 28 days."
    )
    @staticmethod
    async def schedule(parents: Sequence[Class], info: Info) -> Answers[ClassSchedule | None]:
        found = await per_view(parents, partial(resolve_calendar.schedules_of_classes, info.context))
        return [ClassSchedule.of(row) if row else None for row in found]

    @batched(
        description="Its sessions from `start` to `end`, both inclusive, by start. In Canvas: where your people are in it. Null "
        "where Canvas cannot be read."
    )
    @staticmethod
    async def events(
        parents: Sequence[Class],
        info: Info,
        start: Annotated[date, START],
        end: Annotated[date, END],
    ) -> Answers[list[CalendarEvent] | None]:
        asked = partial(resolve_calendar.events_of_classes, info.context, start=start, end=end)
        found = await per_view(parents, asked)
        return [None if events is None else [event_of(row) for row in events] for events in found]

    @batched(
        description="Who may need help: of a native class by attendance, of a Canvas class by its analytics (“Residents with "
        "missing assignments or no course engagement in Canvas”). Empty where Canvas has no analytics: see `atRiskSource`. Null "
        "for students and where Canvas cannot be read."
    )
    @staticmethod
    async def at_risk(parents: Sequence[Class], info: Info) -> Answers[list[AttendanceFlag] | None]:
        found = await per_view(parents, partial(resolve_attendance.flags_of_classes, info.context))
        return [None if flags is None else [AttendanceFlag.of(row) for row in flags] for flags in found]

    @batched(
        description="What Canvas's analytics contributed to `atRisk`; DISABLED with ANALYTICS_NOT_AVAILABLE where it has none. "
        "Null for native classes."
    )
    @staticmethod
    async def at_risk_source(parents: Sequence[Class], info: Info) -> Answers[SourceStatus | None]:
        found = await resolve_attendance.analytics_status(info.context, [parent.row.ref for parent in parents])
        return [SourceStatus.of(row) if row else None for row in found]

    @batched(
        description="(Present + partial) ÷ (those + unexcused) over the recorded sessions of your people, 0 to 1. Null where nothing "
        "is recorded, for Canvas and for students."
    )
    @staticmethod
    async def attendance_rate(parents: Sequence[Class], info: Info) -> Answers[float | None]:
        return await per_view(parents, partial(resolve_attendance.class_rates, info.context))

    @batched(description="Its teams in your scope, made by hand and from Canvas, by name. Asks Canvas nothing.")
    @staticmethod
    async def teams(
        parents: Sequence[Class], info: Info, sort: Annotated[NameSort | None, SORT] = None
    ) -> Answers[list[Annotated[Team, strawberry.lazy("graph.types.team")]] | None]:
        from graph.types.team import Team, in_order

        found = await resolve_teams.teams_of_classes(info.context, [parent.row.ref for parent in parents])
        return [[Team.of(row) for row in in_order(rows, sort)] for rows in found]

    @batched(description="Why it cannot be deleted, in words; empty: it can be. For Canvas “Canvas”.")
    @staticmethod
    async def delete_blockers(parents: Sequence[Class]) -> Answers[list[str]]:
        return await resolve.delete_blockers([parent.row.ref for parent in parents])

    @strawberry.field(description="Who changed what about it, newest first. Empty for Canvas.")
    async def history(
        self, info: Info, first: Annotated[int | None, FIRST] = 25, after: Annotated[str | None, AFTER] = None
    ) -> AuditEntryConnection | None:
        page = await resolve_audit.history(info.context, self.row.ref, page_request(first, after))
        return AuditEntryConnection.page(page, AuditEntry.of)

    @batched(description="How current it is: its course list and, where you asked for it, its roster.")
    @staticmethod
    async def freshness(parents: Sequence[Class], info: Info) -> Answers[Freshness]:
        return [Freshness.of(row) for row in await resolve.freshness(info.context, [parent.row for parent in parents])]


@strawberry.type(description="A class of the organisation, taught at one facility.")
class NativeClass(Class): ...


@strawberry.type(description="A published course in Canvas. Statewide lists show it once, whatever the facilities.")
class CanvasClass(Class):
    canvas_course_id: str = strawberry.field(
        description="Canvas's own id of the course; may have more digits than a float."
    )
    canvas_url: URL = strawberry.field(description="The course's page in Canvas.")

    @batched(description="Whether it has groups, as the last pull of its teams saw it.")
    @staticmethod
    async def groups_state(parents: Sequence[CanvasClass], info: Info) -> Answers[GroupsState | None]:
        return await resolve_teams.group_states(info.context, _refs(parents))

    @batched(description="The sentence for the banner where it has no groups (`groupsState` NO_GROUPS); else null.")
    @staticmethod
    async def groups_message(parents: Sequence[CanvasClass], info: Info) -> Answers[str | None]:
        states = await resolve_teams.group_states(info.context, _refs(parents))
        return [NO_GROUPS if state is GroupsState.NO_GROUPS else None for state in states]

    @batched(description="The Canvas instance.")
    @staticmethod
    async def provider(
        parents: Sequence[CanvasClass], info: Info
    ) -> Answers[Annotated[Provider, strawberry.lazy("graph.types.provider")]]:
        from graph.types.provider import Provider

        numbers = [parent.row.ref.provider for parent in parents if isinstance(parent.row.ref, CanvasClassRef)]
        found = await resolve_providers.providers_by_number(info.context, numbers)
        return [Provider.of(row, info) if row else resolve_users.gone() for row in found]


def _refs(parents: Sequence[CanvasClass]) -> list[CanvasClassRef]:
    return [parent.row.ref for parent in parents if isinstance(parent.row.ref, CanvasClassRef)]


def class_of(row: catalog.SchoolClass, view: int | None = None) -> Class:
    """The concrete type of a row. `view`: the one facility whose people its counts are about."""
    common: dict[str, Any] = {
        "id": encode(row.ref),
        "row": row,
        "view": view,
        "name": row.name,
        "description": row.description,
        "source": row.ref.source,
        "status": row.status,
        "start_date": row.start_date,
        "end_date": row.end_date,
        "time_zone": row.time_zone,
        "capacity": row.capacity,
        "credit_hours": row.credit_hours,
    }
    if isinstance(row.ref, CanvasClassRef):
        return CanvasClass(
            **common,
            is_read_only=True,
            read_only_reason=catalog.CANVAS_READ_ONLY,
            history_note=CANVAS_HISTORY,
            canvas_course_id=row.ref.course_id,
            canvas_url=URL(row.canvas_url or ""),
        )
    return NativeClass(**common, is_read_only=False, read_only_reason=None, history_note=None)


@strawberry.type(description="One page of classes, native and Canvas merged.")
class ClassConnection(Connection[Class]): ...
