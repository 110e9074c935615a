"""Attendance of our own sessions: records, who is missing one, and rates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from db.queries import attendance, events
from db.queries.attendance import Marks
from domain.events import Attendance, Event
from domain.refs import ClassRef, EventRef, NativeClassRef, NativeEventRef
from domain.rows import User
from loaders import Loaders
from services.rosters import native_ids

NO_MARKS = Marks(0, 0)
Enrolled = Mapping[int, Sequence[tuple[int, datetime | None]]]


async def attendance_of_events(loaders: Loaders, refs: Sequence[NativeEventRef]) -> list[list[Attendance]]:
    """The records of each session, by the person's name: of the people in scope, for a student their own."""
    found: dict[NativeEventRef, list[Attendance]] = {ref: [] for ref in refs}
    for row in await attendance.attendance_of_events(loaders.scope, refs):
        found[row.event].append(row)
    return [found[ref] for ref in refs]


async def missing(loaders: Loaders, held: Sequence[Event]) -> list[list[User] | None]:
    """The people in scope who are ENROLLED and have no record of a native session, by name; None for students.

    Shape: nobody for a session that was cancelled; nobody who was enrolled only after it.
    """
    if loaders.scope.is_student:
        return [None] * len(held)
    enrolled = await events.people_of_classes(loaders.scope, native_ids({event.school_class for event in held}))
    refs = [event.ref for event in held if isinstance(event.ref, NativeEventRef)]
    recorded = {(row.event, row.user_id) for row in await attendance.attendance_of_events(loaders.scope, refs)}
    absent = [list(_absent(event, enrolled, recorded)) for event in held]
    users = await people_by_ids(loaders, {id for ids in absent for id in ids})
    return [[users[id] for id in ids if id in users] for ids in absent]


def _absent(event: Event, enrolled: Enrolled, recorded: Collection[tuple[EventRef, int]]) -> Iterator[int]:
    if event.is_cancelled or not isinstance(event.school_class, NativeClassRef):
        return
    for id, since in enrolled.get(event.school_class.id, ()):
        if (event.ref, id) not in recorded and (since is None or since <= event.ends_at):
            yield id


async def people_by_ids(loaders: Loaders, ids: Iterable[int]) -> dict[int, User]:
    """Those in scope, by number."""
    return {row.id: row for row in await loaders.user_by_id.load_many(list(ids)) if row}


async def class_rates(loaders: Loaders, refs: Sequence[ClassRef], view: int | None) -> list[float | None]:
    """The attendance rate of each class; None for students, for Canvas, and where nothing was recorded."""
    if loaders.scope.is_student:
        return [None] * len(refs)
    marks = await attendance.marks_by_class(loaders.scope, native_ids(refs), view)
    return [marks.get(ref.id, NO_MARKS).rate if isinstance(ref, NativeClassRef) else None for ref in refs]


async def program_rates(loaders: Loaders, ids: Collection[int], view: int | None) -> dict[int, float | None]:
    """The same of native programs."""
    marks = await attendance.marks_by_program(loaders.scope, ids, view)
    return {id: marks.get(id, NO_MARKS).rate for id in ids}


async def user_rates(loaders: Loaders, ids: Sequence[int]) -> list[float | None]:
    """The same of people, over all their native classes."""
    marks = await attendance.marks_by_user(loaders.scope, ids)
    return [marks.get(id, NO_MARKS).rate for id in ids]
