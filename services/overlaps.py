"""Sessions that need the same room or the same instructor at the same time: a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.queries import events
from domain.enums import OverlapKind
from domain.events import ClassEvent, Event, Overlap
from domain.refs import NativeEventRef
from loaders import Loaders
from services.days import Days
from services.native_events import native_events_by_refs, occurrences, read_exceptions

AHEAD = timedelta(days=184)
MOST = 20


async def overlaps(loaders: Loaders, ref: NativeEventRef) -> list[Overlap]:
    """What the event shares with others, from its occurrence on for half a year, by time; of a moved one itself alone.

    Shape:  one per other series and kind, its first; others out of the viewer's scope are left out.
    """
    (at,) = await native_events_by_refs(loaders, [ref])
    own = await events.events_by_ids(loaders.scope, [ref.event])
    if at is None or not own:
        return []
    after, before = at.starts_at, at.ends_at if ref.is_moved else at.starts_at + AHEAD
    days = Days(after.date(), before.date())
    mine = [at] if ref.is_moved else await _expanded(own, days, after, before, loaders.now())
    rooms = {event.room_id for event in mine if event.room_id is not None}
    if not rooms and own[0].instructor_id is None:
        return []
    sharing = await events.events_sharing(after, before, rooms, own[0].instructor_id)
    visible = await events.events_by_ids(loaders.scope, [row.id for row in sharing if row.id != ref.event])
    theirs = await _expanded(visible, days, after, before, loaders.now())
    return _found([event for event in mine if not event.is_cancelled], theirs)[:MOST]


async def _expanded(
    rows: Sequence[ClassEvent], days: Days, after: datetime, before: datetime, now: datetime
) -> list[Event]:
    exceptions = await read_exceptions(rows, days, now)
    found = (event for row in rows for event in occurrences(row, exceptions, after, before))
    return sorted((event for event in found if not event.is_cancelled), key=lambda event: event.starts_at)


def _found(mine: Sequence[Event], theirs: Sequence[Event]) -> list[Overlap]:
    """Both in order of their starts: whoever ended before the next of mine begins is passed for good."""
    found: dict[tuple[OverlapKind, object], Overlap] = {}
    begin = 0
    for at in mine:
        while begin < len(theirs) and theirs[begin].starts_at + timedelta(days=1) < at.starts_at:
            begin += 1
        for other in theirs[begin:]:
            if other.starts_at >= at.ends_at:
                break
            if other.ends_at > at.starts_at:
                for kind in _shared(at, other):
                    found.setdefault((kind, _series(other)), Overlap(kind, at, other))
    return list(found.values())


def _shared(a: Event, b: Event) -> list[OverlapKind]:
    room = a.room_id is not None and a.room_id == b.room_id
    instructor = a.instructor_id is not None and a.instructor_id == b.instructor_id
    return [kind for kind, same in ((OverlapKind.ROOM, room), (OverlapKind.INSTRUCTOR, instructor)) if same]


def _series(event: Event) -> int:
    assert isinstance(event.ref, NativeEventRef)  # noqa: S101  only our own events are compared; this tells mypy
    return event.ref.event
