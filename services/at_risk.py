"""Who may need help, and why: by Canvas's analytics (P-39), by attendance in our own classes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from db.queries import attendance, events
from db.queries.attendance import THERE
from domain import facts
from domain.catalog import SourceStatus
from domain.enums import AttendanceFlagKind, AttendanceMark, SourceState
from domain.events import Attendance, AttendanceFlag
from domain.freshness import Freshness, Reading
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef
from loaders import Loaders
from loaders.kinds import SUMMARIES
from services.attendance import people_by_ids
from services.rosters import native_ids, people_in, read_rosters

MOST_MISSING = 0.30
SIGNALS = 2
ABSENCES = 3
WITHIN = timedelta(days=28)
NO_ANALYTICS = "ANALYTICS_NOT_AVAILABLE"
Summaries = dict[CanvasClassRef, Reading[facts.Summaries]]


async def at_risk(loaders: Loaders, refs: Sequence[ClassRef], view: int | None) -> list[list[AttendanceFlag] | None]:
    """The flags of each class, by the person's name.

    Source: one list of summaries per Canvas class, its roster; two queries for all native ones.
    Shape:  None for students and where Canvas cannot be read; empty where this Canvas has no analytics.
    """
    if loaders.scope.is_student:
        return [None] * len(refs)
    native, canvas = await asyncio.gather(_native(loaders, native_ids(refs)), _canvas(loaders, refs, view))
    flags = [native.get(ref.id, []) if isinstance(ref, NativeClassRef) else canvas.get(ref) for ref in refs]
    people = await people_by_ids(loaders, {flag.user_id for of in flags for flag in of or ()})
    return [None if of is None else _by_name(of, {id: row.sort_key for id, row in people.items()}) for of in flags]


def _by_name(flags: Iterable[AttendanceFlag], names: Mapping[int, str]) -> list[AttendanceFlag]:
    return sorted(
        (flag for flag in flags if flag.user_id in names), key=lambda flag: (names[flag.user_id], flag.user_id)
    )


async def analytics_status(loaders: Loaders, refs: Sequence[ClassRef]) -> list[SourceStatus | None]:
    """What Canvas's analytics contributed to each class's list; None for native classes."""
    readings = await _read(loaders, refs)
    return [
        _status(ref, readings[ref]) if isinstance(ref, CanvasClassRef) and ref in readings else None for ref in refs
    ]


def _status(ref: CanvasClassRef, reading: Reading[facts.Summaries]) -> SourceStatus:
    if reading.value is None or reading.value.available:
        return SourceStatus(ref.provider, reading.freshness, 1, int(reading.value is not None))
    said = reading.freshness
    absent = Freshness(SourceState.DISABLED, said.fetched_at, said.expires_at, error_code=NO_ANALYTICS)
    return SourceStatus(ref.provider, absent, 1, 0)


async def _read(loaders: Loaders, refs: Iterable[ClassRef]) -> Summaries:
    courses: defaultdict[int, list[str]] = defaultdict(list)
    for ref in refs:
        if isinstance(ref, CanvasClassRef):
            courses[ref.provider].append(ref.course_id)
    found = await asyncio.gather(*(loaders.read(SUMMARIES, provider, ids) for provider, ids in courses.items()))
    pairs = zip(courses, found, strict=True)
    return {CanvasClassRef(provider, id): reading for provider, of in pairs for id, reading in of.items()}


async def _canvas(
    loaders: Loaders, refs: Sequence[ClassRef], view: int | None
) -> dict[CanvasClassRef, list[AttendanceFlag]]:
    summaries, rosters, people = await asyncio.gather(
        _read(loaders, refs), read_rosters(loaders, refs), loaders.residents(view)
    )
    flags: dict[CanvasClassRef, list[AttendanceFlag]] = {}
    for ref, reading in summaries.items():
        if reading.value is not None and not reading.value.available:
            flags[ref] = []
        elif reading.value is not None and (roster := rosters[ref].value) is not None:
            active = {s.user_id: link for link, s in people_in(people[ref.provider], roster) if s.active}
            found = (_of_summary(active[s.user_id].user_id, s) for s in reading.value.students if s.user_id in active)
            flags[ref] = [flag for flag in found if flag]
    return flags


def _of_summary(user_id: int, row: facts.StudentSummary) -> AttendanceFlag | None:
    """Two of three signals make a flag. What Canvas does not count (null) is no signal."""
    never_viewed = row.page_views == 0
    never_took_part = row.participations == 0
    missing = row.missing / row.total if row.total else 0.0
    reasons = [
        reason
        for holds, reason in (
            (never_viewed, "No page viewed in Canvas."),
            (never_took_part and row.total > 0, "No participation in Canvas."),
            (missing > MOST_MISSING, f"{row.missing} of {row.total} assignments are missing."),
        )
        if holds
    ]
    if len(reasons) < SIGNALS:
        return None
    absent = never_viewed or never_took_part
    kind = AttendanceFlagKind.NO_ATTENDANCE if absent else AttendanceFlagKind.MULTIPLE_ABSENCES
    attended = row.on_time + row.late
    rate = attended / row.total if row.total else None
    return AttendanceFlag(user_id, kind, row.total, attended, row.missing, rate, tuple(reasons))


async def _native(loaders: Loaders, class_ids: Sequence[int]) -> dict[int, list[AttendanceFlag]]:
    enrolled, records = await asyncio.gather(
        events.people_of_classes(loaders.scope, class_ids), attendance.attendance_of_classes(loaders.scope, class_ids)
    )
    return {
        class_id: list(_of_class(enrolled.get(class_id, ()), of, loaders.now())) for class_id, of in records.items()
    }


def _of_class(
    enrolled: Iterable[tuple[int, datetime | None]], records: Sequence[Attendance], now: datetime
) -> Iterable[AttendanceFlag]:
    """Sessions are those for which anything was recorded, since the person was enrolled."""
    sessions = {row.event: row.held_at for row in records}
    of_person: defaultdict[int, list[Attendance]] = defaultdict(list)
    for row in records:
        of_person[row.user_id].append(row)
    for user_id, since in enrolled:
        held = sum(1 for at in sessions.values() if since is None or at >= since)
        flag = _of_person(user_id, held, of_person[user_id], now)
        if flag is not None:
            yield flag


def _of_person(user_id: int, held: int, own: Sequence[Attendance], now: datetime) -> AttendanceFlag | None:
    there = sum(row.mark in THERE for row in own)
    excused = sum(row.mark is AttendanceMark.EXCUSED for row in own)
    unexcused = [row for row in own if row.mark is AttendanceMark.UNEXCUSED]
    total = max(held, len(own))
    lately = sum(now - WITHIN <= row.held_at <= now for row in unexcused)
    reasons = []
    if not there and total > excused:
        reasons.append(f"No attendance in {total} recorded {'session' if total == 1 else 'sessions'}.")
    if lately >= ABSENCES:
        reasons.append(f"{lately} unexcused absences in the last {WITHIN.days} days.")
    if not reasons:
        return None
    kind = AttendanceFlagKind.MULTIPLE_ABSENCES if there else AttendanceFlagKind.NO_ATTENDANCE
    counted = there + len(unexcused)
    rate = there / counted if counted else None
    return AttendanceFlag(user_id, kind, total, there, len(unexcused), rate, tuple(reasons))
