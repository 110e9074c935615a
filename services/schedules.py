"""When and where a class meets, in words (P-36)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from db.queries import events
from domain.enums import ClassStatus
from domain.events import ClassEvent, Event, Schedule
from domain.refs import ClassRef, NativeClassRef
from loaders import Loaders
from services import rules
from services.calendar import events_of_classes
from services.days import Days, zone_of
from services.native_events import next_occurrence, read_exceptions
from services.pacing import paced
from services.rosters import native_ids

AHEAD = timedelta(days=28)
NATIVE_AHEAD = timedelta(days=366)
_LETTERS = ("M", "T", "W", "Th", "F", "Sa", "Su")
_EVERY = {"DAILY": "Daily", "MONTHLY": "Monthly", "YEARLY": "Yearly"}
_UNITS = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months", "YEARLY": "years"}


async def schedules(loaders: Loaders, refs: Sequence[ClassRef], view: int | None) -> list[Schedule | None]:
    """The schedule of each class; None where it has none ahead or Canvas cannot be read.

    Source: native classes by their rules, one query; Canvas ones by the events of the next 28 days.
    """
    canvas = [ref for ref in refs if not isinstance(ref, NativeClassRef)]
    found = await _native(loaders, native_ids(refs))
    if canvas:
        today = loaders.now().date()
        days = Days(today - Days.DAY, today + AHEAD)
        of_canvas = await events_of_classes(loaders, days, canvas, view)
        found |= {ref: _canvas(of or (), loaders.now()) for ref, of in zip(canvas, of_canvas, strict=True)}
    return [found.get(ref) for ref in refs]


async def _native(loaders: Loaders, class_ids: Sequence[int]) -> dict[ClassRef, Schedule | None]:
    now = loaders.now()
    of: defaultdict[int, list[ClassEvent]] = defaultdict(list)
    for row in await events.events_of_classes(loaders.scope, class_ids, now):
        if not _is_over(row, now):
            of[row.school_class_id].append(row)
    rows = [row for found in of.values() for row in found]
    exceptions = await read_exceptions(rows, Days(now.date(), (now + NATIVE_AHEAD).date()), now)
    schedules: dict[ClassRef, Schedule | None] = {}
    async for class_id, found in paced(of.items()):
        coming = [event for row in found if (event := next_occurrence(row, exceptions, now + NATIVE_AHEAD))]
        next_event = min(coming, key=lambda event: event.starts_at, default=None)
        room = next_event.location if next_event else found[0].room_name
        text = ", ".join(dict.fromkeys(_text(row) for row in found if row.rule or len(found) == 1))
        schedules[NativeClassRef(class_id)] = Schedule(text or _text(found[0]), next_event, room)
    return schedules


def _is_over(row: ClassEvent, now: datetime) -> bool:
    """Whether its class ended, or was cancelled, before its rule did."""
    today = now.astimezone(zone_of(row.time_zone)).date()
    return row.class_status is ClassStatus.CANCELLED or (row.class_end is not None and row.class_end < today)


def _text(row: ClassEvent) -> str:
    """Such as "M/W 3:00 PM", "Monthly 9:00 AM", "M 3:00 PM every 2 weeks"; for a single session its day."""
    start = row.starts_at.astimezone(zone_of(row.time_zone))
    if row.rule is None:
        return f"{start:%b} {start.day} {_clock(start.time())}"
    pattern = rules.read(row.rule)
    days = pattern.weekdays or ([start.weekday()] if pattern.frequency == "WEEKLY" else [])
    plain = days and pattern.frequency in {"DAILY", "WEEKLY"}
    when = _letters(days) if plain else _EVERY[pattern.frequency]
    every = f" every {pattern.interval} {_UNITS[pattern.frequency]}" if pattern.interval > 1 else ""
    return f"{when} {_clock(start.time())}{every}"


def _canvas(coming: Sequence[Event], now: datetime) -> Schedule | None:
    """From the weekdays and times of events that are on."""
    ahead = [
        event for event in coming if now < event.ends_at and event.starts_at <= now + AHEAD and not event.is_cancelled
    ]
    if not ahead:
        return None
    days: defaultdict[time | None, set[int]] = defaultdict(set)
    for event in ahead:
        start = event.starts_at.astimezone(zone_of(event.time_zone))
        days[None if event.all_day else start.time()].add(start.weekday())
    timed = sorted(((min(of), at, of) for at, of in days.items() if at is not None), key=lambda one: one[:2])
    texts = [f"{_letters(of)} {_clock(at)}" for _, at, of in timed] or [f"{_letters(days[None])} all day"]
    return Schedule(", ".join(texts), ahead[0], ahead[0].location)


def _letters(days: Iterable[int]) -> str:
    return "/".join(_LETTERS[day] for day in sorted(days))


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"
