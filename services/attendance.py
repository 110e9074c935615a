"""Attendance of our own sessions: records, who is missing one, and rates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from db.queries import attendance, events
from db.queries.attendance import Marks
from domain.events import Attendance
from domain.refs import ClassRef, NativeClassRef, NativeEventRef
from domain.rows import User
from loaders import Loaders
from services.native_events import native_events_by_refs
from services.rosters import native_ids

NO_MARKS = Marks(0, 0)


async def attendance_of_events(loaders: Loaders, refs: Sequence[NativeEventRef]) -> list[list[Attendance]]:
    """The records of each session, by the person's name: of the people in scope, for a student their own."""
    found: dict[NativeEventRef, list[Attendance]] = {ref: [] for ref in refs}
    for row in await attendance.attendance_of_events(loaders.scope, refs):
        found[row.event].append(row)
    return [found[ref] for ref in refs]


async def missing(loaders: Loaders, refs: Sequence[NativeEventRef]) -> list[list[User] | None]:
    """The people in scope who are ENROLLED and have no record of a session, by name; None for students.

    Shape: nobody for a session that was cancelled; nobody who was enrolled only after it.
    """
    if loaders.scope.is_student:
        return [None] * len(refs)
    found = await native_events_by_refs(loaders, refs)
    classes = {event.school_class for event in found if event}
    enrolled = await events.people_of_classes(loaders.scope, native_ids(classes))
    recorded = {(row.event, row.user_id) for row in await attendance.attendance_of_events(loaders.scope, refs)}
    absent: list[list[int]] = []
    for ref, event in zip(refs, found, strict=True):
        on = event is not None and not event.is_cancelled and isinstance(event.school_class, NativeClassRef)
        people = enrolled.get(event.school_class.id, ()) if on and event else ()  # type: ignore[union-attr]
        absent.append(
            [
                id
                for id, since in people
                if (ref, id) not in recorded and (since is None or event is None or since <= event.ends_at)
            ]
        )
    users = await people_by_ids(loaders, {id for ids in absent for id in ids})
    return [[users[id] for id in ids if id in users] for ids in absent]


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
