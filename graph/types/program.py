from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain import catalog
from domain.refs import CanvasProgramRef, NativeProgramRef
from graph.arguments import AFTER, FIRST, SORT
from graph.enums import Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.inputs.filters import ClassFilter
from graph.paging import Connection, NameSort, page_request
from graph.types.audit import AuditEntry, AuditEntryConnection
from graph.types.facility import Facility
from graph.types.freshness import Freshness
from graph.types.node import Node
from graph.types.views import per_view
from resolvers import audit as resolve_audit
from resolvers import classes as resolve_classes
from resolvers import programs as resolve
from resolvers import providers as resolve_providers
from resolvers import users as resolve_users

if TYPE_CHECKING:
    from graph.types.classes import ClassConnection
    from graph.types.provider import Provider

LEGACY_OFFSET = 100_000_000
CANVAS_HISTORY = "Audit history is not available for Canvas programs."


@strawberry.type(
    description="Counts of a program within your scope, or within the facility you filtered by. All of them leave out people who "
    "are not linked, unlinked or deactivated. Null: not known right now, or nothing to divide by; never a stand-in for a failure."
)
class ProgramMetrics:
    class_count: int | None = strawberry.field(description="Classes in scope, whatever their status.")
    active_class_count: int | None = strawberry.field(description="Classes in scope whose status is ACTIVE.")
    active_enrollment_count: int | None = strawberry.field(
        description="Enrolments: the sum of `enrolledCount` over the ACTIVE classes. A person in two classes counts twice."
    )
    total_enrollment_count: int | None = strawberry.field(
        description="Active and concluded enrolments, whether or not the class ended. Includes history."
    )
    enrolled_resident_count: int | None = strawberry.field(
        description="People: those behind `activeEnrollmentCount`, each counted once."
    )
    completion_rate: float | None = strawberry.field(
        description="Completed enrolments ÷ (active + completed), 0 to 1; null where there are none."
    )
    attendance_rate: float | None = strawberry.field(
        description="(Present + partial) ÷ (those + unexcused) over all recorded sessions, 0 to 1; null where nothing is recorded "
        "and for Canvas."
    )
    capacity: int | None = strawberry.field(
        description="Seats of the ACTIVE classes; null for Canvas and without limits."
    )
    filled_seats: int | None = strawberry.field(description="Seats taken of `capacity`; null where that is null.")

    @classmethod
    def of(cls, row: catalog.Metrics) -> ProgramMetrics:
        return cls(
            class_count=row.class_count,
            active_class_count=row.active_class_count,
            active_enrollment_count=row.active_enrollments,
            total_enrollment_count=row.total_enrollments,
            enrolled_resident_count=row.residents,
            completion_rate=row.completion_rate,
            attendance_rate=row.attendance_rate,
            capacity=row.capacity,
            filled_seats=row.filled_seats,
        )


@strawberry.interface(description="A program: the organisation's own, or a Canvas instance shown as one.")
class Program(Node):
    row: strawberry.Private[catalog.Program]
    view: strawberry.Private[int | None]
    name: str = strawberry.field(description="Its name; of a Canvas program that of the connection.")
    description: str | None = strawberry.field(description="What it is about.")
    source: Source = strawberry.field(description="Where it is kept and changed.")
    is_active: bool = strawberry.field(description="Whether it takes part now.")
    is_read_only: bool = strawberry.field(description="Whether it can be changed here. Hide edit controls where true.")
    read_only_reason: str | None = strawberry.field(description="The sentence for the banner where it is read-only.")
    types: list[str] = strawberry.field(description="Kinds of program, such as Educational; “College” for Canvas.")
    credit_types: list[str] = strawberry.field(description="Kinds of credit it earns.")
    funding_type: str | None = strawberry.field(description="Who pays for it.")
    archived_at: datetime | None = strawberry.field(description="Since when it is archived; null while it is not.")
    history_note: str | None = strawberry.field(description="Why `history` is empty, where it always is.")

    @batched(description="Its counts within your scope. Null for students.")
    @staticmethod
    async def metrics(parents: Sequence[Program], info: Info) -> Answers[ProgramMetrics | None]:
        found = await per_view(parents, partial(resolve.program_metrics, info.context))
        return [ProgramMetrics.of(row) if row else None for row in found]

    @strawberry.field(description="Its classes in your scope.")
    async def classes(
        self,
        info: Info,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        filter: Annotated[ClassFilter | None, strawberry.argument(description="Only classes of this kind.")] = None,
        sort: Annotated[NameSort | None, SORT] = None,
    ) -> Annotated[ClassConnection, strawberry.lazy("graph.types.classes")] | None:
        from graph.types.classes import ClassConnection, class_of

        narrowed = (filter or ClassFilter()).narrowed(program=self.row.ref, facility=self.view)
        request = page_request(first, after, descending=sort is NameSort.NAME_DESC)
        page, status = await resolve_classes.classes_page(info.context, narrowed, request)
        return ClassConnection.page(page, lambda row: class_of(row, narrowed.facility_id), status)

    @batched(description="Why it cannot be archived, in words; empty: it can be. For Canvas “Managed in Canvas”.")
    @staticmethod
    async def archive_blockers(parents: Sequence[Program], info: Info) -> Answers[list[str]]:
        return await resolve.archive_blockers(info.context, [parent.row.ref for parent in parents])

    @strawberry.field(description="Who changed what about it, newest first. Empty for Canvas.")
    async def history(
        self, info: Info, first: Annotated[int | None, FIRST] = 25, after: Annotated[str | None, AFTER] = None
    ) -> AuditEntryConnection | None:
        page = await resolve_audit.history(info.context, self.row.ref, page_request(first, after))
        return AuditEntryConnection.page(page, AuditEntry.of)

    @batched(description="How current it is. Native programs answer FRESH.")
    @staticmethod
    async def freshness(parents: Sequence[Program], info: Info) -> Answers[Freshness]:
        return [Freshness.of(row) for row in await resolve.freshness(info.context, [parent.row for parent in parents])]


@strawberry.type(description="A program of the organisation.")
class NativeProgram(Program):
    @batched(description="Where it is offered, as far as you may see.")
    @staticmethod
    async def facilities(parents: Sequence[NativeProgram], info: Info) -> Answers[list[Facility]]:
        ids = [parent.row.ref.id for parent in parents if isinstance(parent.row.ref, NativeProgramRef)]
        return [[Facility.of(row) for row in rows] for rows in await resolve.facilities_of_programs(info.context, ids)]


@strawberry.type(description="A Canvas instance, shown as the one program that its courses belong to.")
class CanvasProgram(Program):
    label: str = strawberry.field(description="“College - ” and the name, as headings show it.")
    legacy_id: str = strawberry.field(description="The number it had in the predecessor: 100000000 + provider number.")

    @batched(description="The Canvas instance.")
    @staticmethod
    async def provider(
        parents: Sequence[CanvasProgram], info: Info
    ) -> Answers[Annotated[Provider, strawberry.lazy("graph.types.provider")]]:
        from graph.types.provider import Provider

        numbers = [parent.row.ref.provider for parent in parents if isinstance(parent.row.ref, CanvasProgramRef)]
        found = await resolve_providers.providers_by_number(info.context, numbers)
        return [Provider.of(row, info) if row else resolve_users.gone() for row in found]


def program_of(row: catalog.Program, view: int | None = None) -> Program:
    """The concrete type of a row. `view`: the one facility whose people its counts are about."""
    common: dict[str, Any] = {
        "id": encode(row.ref),
        "row": row,
        "view": view,
        "name": row.name,
        "description": row.description,
        "source": row.ref.source,
        "is_active": row.is_active,
        "types": list(row.types),
        "credit_types": list(row.credit_types),
        "funding_type": row.funding_type,
        "archived_at": row.archived_at,
    }
    if isinstance(row.ref, CanvasProgramRef):
        return CanvasProgram(
            **common,
            is_read_only=True,
            read_only_reason=catalog.CANVAS_READ_ONLY,
            history_note=CANVAS_HISTORY,
            label=f"College - {row.name}",
            legacy_id=str(LEGACY_OFFSET + row.ref.provider),
        )
    return NativeProgram(**common, is_read_only=False, read_only_reason=None, history_note=None)


@strawberry.type(description="One page of programs, native and Canvas merged.")
class ProgramConnection(Connection[Program]): ...
