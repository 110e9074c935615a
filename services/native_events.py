"""Our own events for a range of time: series expanded, single occurrences cancelled or moved, holidays kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from db.queries import events, rooms
from domain.enums import ClassStatus, Source
from domain.events import ClassEvent, Event, Holiday, Override
from domain.filters import CalendarFilter
from domain.refs import NativeClassRef, NativeEventRef, NativeProgramRef
from loaders import Loaders
from services.days import Days
from services.pacing import paced
from services.series import Occurrence, Series, expand, find

CLASS_CANCELLED = "The class was cancelled."


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What keeps occurrences from being as their rules say. `now`: a cancelled class has no session after it."""

    overrides: Mapping[int, Mapping[str, Override]]
    holidays: Mapping[int, Sequence[Holiday]]
    now: datetime


async def native_events(loaders: Loaders, days: Days, narrowed: CalendarFilter) -> list[Event]:
    """Every native occurrence in scope whose local days overlap, in no order.

    Source: one query for the events, one for what became of single occurrences, one for holidays.
    """
    if not narrowed.wants(Source.NATIVE):
        return []
    refs = narrowed.classes
    found = await events.events_between(
        loaders.scope,
        *days.widest,
        class_ids=None if refs is None else [ref.id for ref in refs if isinstance(ref, NativeClassRef)],
        facility_id=narrowed.facility_id,
        user_id=narrowed.user_id,
    )
    exceptions = await read_exceptions(found, days, loaders.now())
    return [event async for row in paced(found) for event in occurrences(row, exceptions, *days.bounds(row.time_zone))]


async def read_exceptions(found: Sequence[ClassEvent], days: Days, now: datetime) -> Exceptions:
    """What is known against the occurrences of those events in those days."""
    overrides = await events.overrides_of_events([row.id for row in found])
    facilities = {row.facility_id for row in found}
    holidays = await rooms.holidays_between(facilities, days.first - days.DAY, days.last + days.DAY)
    return Exceptions(overrides, holidays, now)


async def native_events_by_refs(loaders: Loaders, refs: Sequence[NativeEventRef]) -> list[Event | None]:
    """One answer per ref: the occurrence, or None for what does not exist for the viewer."""
    rows = {row.id: row for row in await events.events_by_ids(loaders.scope, [ref.event for ref in refs])}
    held = [_found(rows.get(ref.event), ref) for ref in refs]
    spans = [found.starts_at for found in held if found]
    if not spans:
        return [None] * len(refs)
    first, last = min(spans).date(), max(spans).date()
    exceptions = await read_exceptions(list(rows.values()), Days(first, last), loaders.now())
    return [
        _event(rows[ref.event], ref, found, exceptions) if found else None
        for ref, found in zip(refs, held, strict=True)
    ]


def _found(row: ClassEvent | None, ref: NativeEventRef) -> Occurrence | None:
    return find(series_of(row), ref.original.occurrence) if row else None


def _event(row: ClassEvent, ref: NativeEventRef, occurrence: Occurrence, exceptions: Exceptions) -> Event | None:
    override = exceptions.overrides.get(row.id, {}).get(occurrence.key)
    if ref.is_moved:
        return None if override is None else _moved(row, override, exceptions.now)
    return None if _is_after_class(row, occurrence) else _as_ruled(row, occurrence, exceptions)


def series_of(row: ClassEvent) -> Series:
    """The series a row stands for."""
    return Series(row.starts_at, ZoneInfo(row.time_zone), row.length, row.rule, row.ends_at)


def occurrences(row: ClassEvent, exceptions: Exceptions, after: datetime, before: datetime) -> Iterator[Event]:
    """Those of one event in [after, before): as ruled, and where single ones were moved."""
    yield from _ruled(row, exceptions, after, before)
    yield from _moved_into(row, exceptions, after, before)


def next_occurrence(row: ClassEvent, exceptions: Exceptions, before: datetime) -> Event | None:
    """The first that is on and not over, begun before that instant. The rule is followed no further than to its own first."""
    now = exceptions.now
    ruled = next((event for event in _ruled(row, exceptions, now, before) if _is_on(event, now)), None)
    moved = [event for event in _moved_into(row, exceptions, now, before) if _is_on(event, now)]
    return min([*([ruled] if ruled else []), *moved], key=lambda event: event.starts_at, default=None)


def _is_on(event: Event, now: datetime) -> bool:
    return not event.is_cancelled and event.ends_at > now


def _ruled(row: ClassEvent, exceptions: Exceptions, after: datetime, before: datetime) -> Iterator[Event]:
    for occurrence in expand(series_of(row), after, before):
        if _is_after_class(row, occurrence):
            return
        yield _as_ruled(row, occurrence, exceptions)


def _moved_into(row: ClassEvent, exceptions: Exceptions, after: datetime, before: datetime) -> Iterator[Event]:
    for override in exceptions.overrides.get(row.id, {}).values():
        moved = _moved(row, override, exceptions.now)
        if moved and moved.starts_at < before and (moved.ends_at > after or moved.starts_at >= after):
            yield moved


def _is_after_class(row: ClassEvent, occurrence: Occurrence) -> bool:
    """Whether it lies behind the last day of its class, where the rule forgot to end."""
    return row.class_end is not None and _day(occurrence.starts_at, row) > row.class_end


def _as_ruled(row: ClassEvent, occurrence: Occurrence, exceptions: Exceptions) -> Event:
    override = exceptions.overrides.get(row.id, {}).get(occurrence.key)
    event = _plain(row, occurrence.key, occurrence.starts_at, occurrence.ends_at)
    if override is not None:
        ref = NativeEventRef(row.id, occurrence.key)
        moved = ref.moved if override.moved_to is not None else None
        return replace(event, is_cancelled=True, reason=override.reason, moved=moved)
    holiday = _holiday(exceptions.holidays.get(row.facility_id, ()), _day(occurrence.starts_at, row))
    if holiday is not None:
        return replace(event, is_cancelled=True, reason=holiday.name)
    return _unless_cancelled(row, event, exceptions.now)


def _moved(row: ClassEvent, override: Override, now: datetime) -> Event | None:
    """Where an occurrence takes place now; None where it was not moved."""
    if override.moved_to is None:
        return None
    starts_at = override.moved_to.astimezone(UTC)
    ends_at = starts_at + timedelta(seconds=override.seconds or row.seconds)
    ref = NativeEventRef(row.id, override.occurrence)
    event = _plain(row, ref.moved.occurrence, starts_at, ends_at)
    moved = replace(
        event,
        is_cancelled=override.cancelled,
        is_rescheduled=True,
        reason=override.reason,
        location=override.room_name if override.room_id is not None else row.room_name,
        room_id=override.room_id or row.room_id,
        moved=ref,
    )
    return moved if moved.is_cancelled else _unless_cancelled(row, moved, now)


def _unless_cancelled(row: ClassEvent, event: Event, now: datetime) -> Event:
    """The event, off where its class was cancelled before it began."""
    if row.class_status is ClassStatus.CANCELLED and event.starts_at > now:
        return replace(event, is_cancelled=True, reason=CLASS_CANCELLED)
    return event


def _plain(row: ClassEvent, key: str, starts_at: datetime, ends_at: datetime) -> Event:
    return Event(
        ref=NativeEventRef(row.id, key),
        title=row.title or row.class_name,
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=False,
        time_zone=row.time_zone,
        is_cancelled=False,
        location=row.room_name,
        school_class=NativeClassRef(row.school_class_id),
        program=NativeProgramRef(row.program_id),
        facility_id=row.facility_id,
        rule=row.rule,
        instructor_id=row.instructor_id,
        room_id=row.room_id,
    )


def _holiday(holidays: Sequence[Holiday], day: date) -> Holiday | None:
    return next((row for row in holidays if row.first_day <= day <= row.last_day), None)


def _day(at: datetime, row: ClassEvent) -> date:
    return at.astimezone(ZoneInfo(row.time_zone)).date()
