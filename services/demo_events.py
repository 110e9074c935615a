"""The demo's native calendar: rooms, holidays, weekly sessions, a cancelled and a moved one, attendance of the past."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.models import AttendanceRecord, ClassEvent, Enrollment, EventOverride, Facility, Holiday, Room, SchoolClass
from domain.enums import AttendanceMark, EnrollmentStatus
from domain.names import fold
from services.event_fields import columns
from services.event_rows import series_of
from services.series import Occurrence, expand, plan

RULES = ("FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=WEEKLY;BYDAY=FR", "FREQ=MONTHLY;BYDAY=2SA")
ROOMS = ("Room 101", "Room 102", "Shop B")
MARKS = (AttendanceMark.PRESENT,) * 7 + (AttendanceMark.PARTIAL, AttendanceMark.EXCUSED, AttendanceMark.UNEXCUSED)
BACK = timedelta(weeks=6)


async def add_events(rng: random.Random, now: datetime, classes: Sequence[SchoolClass]) -> None:
    """A series for every class, begun six weeks ago, with attendance of what was held since.

    Shape: of every third class one session to come is cancelled, of the one after it one is moved; one holiday and three
           rooms per facility.
    """
    facilities = {row.id: row for row in await Facility.filter(id__in={row.facility_id for row in classes})}
    rooms = {id: await _rooms(row, now) for id, row in facilities.items()}
    for number, school_class in enumerate(classes):
        facility = facilities[school_class.facility_id]
        room = rooms[facility.id][number % len(ROOMS)]
        event = await _series(school_class, facility, room, now, number)
        held = list(expand(series_of(event), now - BACK, now))
        await _attend(rng, event, held[-8:])
        coming = list(expand(series_of(event), now, now + timedelta(days=60)))
        if coming and number % 3 == 0:
            await EventOverride.create(event_id=event.id, occurrence=coming[0].key, reason="The instructor is away.")
        elif coming and number % 3 == 1:
            await _move(event, coming[0])


async def _rooms(facility: Facility, now: datetime) -> list[Room]:
    day = now.date() + timedelta(days=10)
    await Holiday.create(facility_id=facility.id, name="Founders' day", first_day=day, last_day=day)
    return [await Room.create(facility_id=facility.id, name=name, sort_key=fold(name), capacity=24) for name in ROOMS]


async def _series(school_class: SchoolClass, facility: Facility, room: Room, now: datetime, number: int) -> ClassEvent:
    zone = ZoneInfo(facility.time_zone)
    begin = datetime.combine((now - BACK).astimezone(zone).date(), time(9 + number % 10), zone)
    series = plan(begin, zone, timedelta(minutes=90), RULES[number % len(RULES)])
    return await ClassEvent.create(school_class_id=school_class.id, room_id=room.id, **columns(series))


async def _move(event: ClassEvent, occurrence: Occurrence) -> None:
    await EventOverride.create(
        event_id=event.id,
        occurrence=occurrence.key,
        cancelled=False,
        moved_to=occurrence.starts_at + timedelta(days=1),
        reason="The room is being painted.",
    )


async def _attend(rng: random.Random, event: ClassEvent, held: Sequence[Occurrence]) -> None:
    """The last one is left unrecorded, for somebody to record."""
    enrolled = Enrollment.filter(school_class_id=event.school_class_id, status=EnrollmentStatus.ENROLLED)
    people = await enrolled.order_by("id").values_list("user_id", flat=True)
    records = [
        AttendanceRecord(
            event_id=event.id,
            occurrence=occurrence.key,
            held_at=occurrence.starts_at,
            user_id=user_id,
            mark=AttendanceMark.UNEXCUSED if place == 0 else rng.choice(MARKS),
            recorded_at=occurrence.ends_at,
        )
        for occurrence in held[:-1]
        for place, user_id in enumerate(people)
    ]
    await AttendanceRecord.bulk_create(records, batch_size=500)
