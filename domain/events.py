"""The calendar: our own events as stored, and events of both sources as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from domain.catalog import SourceStatus
from domain.enums import AttendanceFlagKind, AttendanceMark, ClassStatus, OverlapKind
from domain.refs import (
    CalendarFeedRef,
    ClassRef,
    EventRef,
    HolidayRef,
    NativeEventRef,
    ProgramRef,
    RoomRef,
)


@dataclass(frozen=True, slots=True)
class Room:
    """A room of one facility."""

    id: int
    facility_id: int
    name: str
    sort_key: str
    capacity: int | None
    deleted_at: datetime | None

    @property
    def ref(self) -> RoomRef:
        return RoomRef(self.id)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days of one facility, both inclusive, without sessions."""

    id: int
    facility_id: int
    name: str
    first_day: date
    last_day: date

    @property
    def ref(self) -> HolidayRef:
        return HolidayRef(self.id)


@dataclass(frozen=True, slots=True)
class ClassEvent:
    """A native event with what its occurrences need of their class. `ends_at` is None for a rule that goes on."""

    id: int
    school_class_id: int
    title: str | None
    starts_at: datetime
    time_zone: str
    seconds: int
    rule: str | None
    ends_at: datetime | None
    room_id: int | None
    room_name: str | None
    instructor_id: int | None
    class_name: str
    class_status: ClassStatus
    class_end: date | None
    program_id: int
    facility_id: int

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Override:
    """One occurrence that is cancelled, or moved (and perhaps cancelled there)."""

    event_id: int
    occurrence: str
    cancelled: bool
    moved_to: datetime | None
    seconds: int | None
    room_id: int | None
    room_name: str | None
    reason: str | None


class Event(msgspec.Struct, frozen=True, gc=False):
    """One occurrence of either source. Instants are UTC; `time_zone` is the zone to show them in and to count days in.

    `moved` names, for a cancelled occurrence, where it was moved, and for a moved one, where it came from. A calendar makes
    tens of thousands of these at a time: a struct is made in a fraction of a dataclass's time, and not watched for cycles.
    """

    ref: EventRef
    title: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    time_zone: str
    is_cancelled: bool
    location: str | None
    school_class: ClassRef
    program: ProgramRef
    facility_id: int | None = None
    url: str | None = None
    series_id: str | None = None
    is_rescheduled: bool = False
    reason: str | None = None
    rule: str | None = None
    instructor_id: int | None = None
    room_id: int | None = None
    moved: NativeEventRef | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events in their order, and what each provider contributed."""

    events: Sequence[Event]
    sources: Sequence[SourceStatus]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and where a class meets, in words, and its next meeting."""

    text: str
    next_event: Event | None
    room: str | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """An occurrence of another event at the same time in the same room, or with the same instructor."""

    kind: OverlapKind
    at: Event
    with_: Event


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person at one session."""

    event_id: int
    occurrence: str
    user_id: int
    mark: AttendanceMark
    minutes: int | None
    note: str | None
    held_at: datetime
    recorded_at: datetime
    recorded_by_id: int | None

    @property
    def event(self) -> NativeEventRef:
        return NativeEventRef(self.event_id, self.occurrence)


@dataclass(frozen=True, slots=True)
class AttendanceFlag:
    """One person who may need help, and why. Of Canvas the numbers are assignments, of ours sessions."""

    user_id: int
    kind: AttendanceFlagKind
    total: int
    attended: int
    missed: int
    rate: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """Of one person or of one facility; `nonce` is what its address is a signature of."""

    id: int
    user_id: int | None
    facility_id: int | None
    created_by_id: int | None
    nonce: str
    created_at: datetime
    revoked_at: datetime | None

    @property
    def ref(self) -> CalendarFeedRef:
        return CalendarFeedRef(self.id)
