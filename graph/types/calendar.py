from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain import events as rows
from domain.refs import CanvasEventRef, NativeEventRef
from graph.enums import Source
from graph.execution.batching import Answers, batched
from graph.ids import encode
from graph.info import Info
from graph.scalars import URL, TimeZone
from graph.types.attendance import AttendanceRecord
from graph.types.facility import Facility
from graph.types.freshness import SourceStatus
from graph.types.node import Node
from graph.types.room import Room
from graph.types.user import User
from resolvers import attendance as resolve_attendance
from resolvers import calendar as resolve
from resolvers import classes as resolve_classes
from resolvers import facilities as resolve_facilities
from resolvers import programs as resolve_programs
from resolvers import providers as resolve_providers
from resolvers import rooms as resolve_rooms
from resolvers import users as resolve_users
from services.pacing import paced

if TYPE_CHECKING:
    from graph.types.classes import Class
    from graph.types.program import Program
    from graph.types.provider import Provider

LazyClass = Annotated["Class", strawberry.lazy("graph.types.classes")]
LazyProgram = Annotated["Program", strawberry.lazy("graph.types.program")]


@strawberry.interface(
    description="One session: of the organisation's own classes, or from the calendar of a Canvas course. The same event has the "
    "same values wherever it appears."
)
class CalendarEvent(Node):
    row: strawberry.Private[rows.Event]
    title: str = strawberry.field(description="What to show; of a native event without a title the class's name.")
    source: Source = strawberry.field(description="Where it is kept and changed.")
    starts_at: datetime = strawberry.field(description="When it begins. Show it in `timeZone`.")
    ends_at: datetime = strawberry.field(
        description="When it ends; equal to `startsAt` for a point in time. Of an all-day event the end of its day."
    )
    all_day: bool = strawberry.field(description="Whether it is a day, in `timeZone`, rather than a time.")
    time_zone: TimeZone = strawberry.field(
        description="The zone in which it is held: of the event, in Canvas of the course. Days are counted in it."
    )
    is_cancelled: bool = strawberry.field(description="Whether it is off. Show it struck through.")
    location: str | None = strawberry.field(description="The room, or what Canvas says of the place.")

    @batched(name="class", description="The class it belongs to.")
    @staticmethod
    async def school_class(parents: Sequence[CalendarEvent], info: Info) -> Answers[LazyClass | None]:
        from graph.types.classes import class_of

        refs = list({parent.row.school_class for parent in parents})
        found = await resolve_classes.classes_by_refs(info.context, refs)
        classes = {row.ref: class_of(row) for row in found if row}
        return [classes.get(parent.row.school_class) for parent in parents]

    @batched(description="The program of its class.")
    @staticmethod
    async def program(parents: Sequence[CalendarEvent], info: Info) -> Answers[LazyProgram | None]:
        from graph.types.program import program_of

        refs = list({parent.row.program for parent in parents})
        found = await resolve_programs.programs_by_refs(info.context, refs)
        programs = {row.ref: program_of(row) for row in found if row}
        return [programs.get(parent.row.program) for parent in parents]

    @batched(description="Where it is held; null for Canvas, whose courses belong to no facility.")
    @staticmethod
    async def facility(parents: Sequence[CalendarEvent], info: Info) -> Answers[Facility | None]:
        found = await resolve_facilities.facilities_by_ids(info.context, [p.row.facility_id for p in parents])
        return Facility.of_each(found)


@strawberry.type(description="One session of a class of the organisation: a single one, or an occurrence of a series.")
class NativeEvent(CalendarEvent):
    is_rescheduled: bool = strawberry.field(description="Whether this is where a session was moved.")
    reason: str | None = strawberry.field(description="Why it was cancelled or moved; the holiday's name on a holiday.")
    recurrence_rule: str | None = strawberry.field(
        description="The RFC 5545 rule of its series, which repeats the wall clock of `timeZone`; null for a single session."
    )

    @batched(description="Who teaches it; null where nobody is named or they are out of your scope.")
    @staticmethod
    async def instructor(parents: Sequence[NativeEvent], info: Info) -> Answers[User | None]:
        ids = {parent.row.instructor_id for parent in parents if parent.row.instructor_id is not None}
        found = await resolve_users.users_by_ids(info.context, list(ids))
        users = {row.id: User.of(row) for row in found if row}
        return [users.get(parent.row.instructor_id or 0) for parent in parents]

    @batched(description="The room; null where none is named.")
    @staticmethod
    async def room(parents: Sequence[NativeEvent], info: Info) -> Answers[Room | None]:
        found = await resolve_rooms.rooms_by_ids(info.context, [p.row.room_id for p in parents if p.row.room_id])
        rooms = {row.id: Room.of(row) for row in found}
        return [rooms.get(parent.row.room_id or 0) for parent in parents]

    @batched(description="Of a session that was moved away: where it takes place now.")
    @staticmethod
    async def rescheduled_to(
        parents: Sequence[NativeEvent], info: Info
    ) -> Answers[Annotated[NativeEvent, strawberry.lazy("graph.types.calendar")] | None]:
        return await _counterparts(info, [None if p.is_rescheduled else p.row.moved for p in parents])

    @batched(description="Of a session that was moved here: the occurrence it was, which is cancelled there.")
    @staticmethod
    async def rescheduled_from(
        parents: Sequence[NativeEvent], info: Info
    ) -> Answers[Annotated[NativeEvent, strawberry.lazy("graph.types.calendar")] | None]:
        return await _counterparts(info, [p.row.moved if p.is_rescheduled else None for p in parents])

    @batched(description="Who was there, of your people, by name. Students see their own record only.")
    @staticmethod
    async def attendance(parents: Sequence[NativeEvent], info: Info) -> Answers[list[AttendanceRecord] | None]:
        found = await resolve_attendance.attendance_of_events(info.context, [p.row.ref for p in parents])
        return [[AttendanceRecord.of(row) for row in records] for records in found]

    @batched(
        description="Your people who are enrolled in the class and have no record of this session. Null for students."
    )
    @staticmethod
    async def missing_attendance(parents: Sequence[NativeEvent], info: Info) -> Answers[list[User] | None]:
        found = await resolve_attendance.missing(info.context, [p.row for p in parents])
        return [None if people is None else [User.of(row) for row in people] for people in found]


@strawberry.type(
    description="An event in the calendar of a Canvas course; each occurrence of a series is one of its own."
)
class CanvasEvent(CalendarEvent):
    canvas_url: URL | None = strawberry.field(description="The event's page in Canvas.")
    series_id: str | None = strawberry.field(description="What the occurrences of one Canvas series have in common.")

    @batched(description="The Canvas instance.")
    @staticmethod
    async def provider(
        parents: Sequence[CanvasEvent], info: Info
    ) -> Answers[Annotated[Provider, strawberry.lazy("graph.types.provider")]]:
        from graph.types.provider import Provider

        numbers = [p.row.ref.provider for p in parents if isinstance(p.row.ref, CanvasEventRef)]
        found = await resolve_providers.providers_by_number(info.context, numbers)
        return [Provider.of(row, info) if row else resolve_users.gone() for row in found]


def event_of(row: rows.Event) -> CalendarEvent:
    """The concrete type of a row."""
    common: dict[str, Any] = {
        "id": encode(row.ref),
        "row": row,
        "title": row.title,
        "source": row.ref.source,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "all_day": row.all_day,
        "time_zone": row.time_zone,
        "is_cancelled": row.is_cancelled,
        "location": row.location,
    }
    if isinstance(row.ref, CanvasEventRef):
        return CanvasEvent(**common, canvas_url=URL(row.url) if row.url else None, series_id=row.series_id)
    return NativeEvent(**common, is_rescheduled=row.is_rescheduled, reason=row.reason, recurrence_rule=row.rule)


async def native_event(info: Info, ref: NativeEventRef) -> NativeEvent | None:
    """One of our own events as it is now."""
    return (await _counterparts(info, [ref]))[0]


async def _counterparts(info: Info, refs: Sequence[NativeEventRef | None]) -> list[NativeEvent | None]:
    wanted = list({ref for ref in refs if ref is not None})
    found = await resolve.events_by_refs(info.context, wanted) if wanted else []
    events = {ref: event_of(row) for ref, row in zip(wanted, found, strict=True) if row}
    answers = (events.get(ref) if ref is not None else None for ref in refs)
    return [event if isinstance(event, NativeEvent) else None for event in answers]


@strawberry.type(description="Events of both sources in one timeline.")
class Calendar:
    events: list[CalendarEvent] = strawberry.field(
        description="By start, then by id. An event is there when its own local days overlap."
    )
    sources: list[SourceStatus] = strawberry.field(
        description="One entry per Canvas instance that takes part: fewer `loaded` than `expected` courses means that events are missing."
    )

    @classmethod
    async def of(cls, row: rows.Timeline) -> Calendar:
        """Others have a turn before, between and after: there may be ten thousand."""
        await asyncio.sleep(0)
        events = [event_of(event) async for event in paced(row.events)]
        await asyncio.sleep(0)
        return cls(events=events, sources=[SourceStatus.of(status) for status in row.sources])


@strawberry.type(description="When and where a class meets.")
class ClassSchedule:
    text: str = strawberry.field(description="Such as “M/W 3:00 PM”, in the zone of the class.")
    next_event: CalendarEvent | None = strawberry.field(
        description="Its next session that is on; null where none is near."
    )
    room: str | None = strawberry.field(description="Where the next session is held.")

    @classmethod
    def of(cls, row: rows.Schedule) -> ClassSchedule:
        return cls(text=row.text, next_event=event_of(row.next_event) if row.next_event else None, room=row.room)
