"""Calendar of a generated course."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.world.diary import Diary
from sandbox.world.recurrence import DAYS

if TYPE_CHECKING:
    from sandbox.world.generate import Plan

WEEKS_OVER_A_CLOCK_CHANGE = 40
HOUR = timedelta(hours=1)


def add_events(world: Diary, plan: Plan, i: int, course_id: int) -> None:
    """A weekly class on the wall clock; courses 1 to 5 also hold the odd kinds of event."""
    start = _wall(world, plan, i, course_id)
    weeks = plan.weeks if plan.plain or i > 1 else WEEKS_OVER_A_CLOCK_CHANGE
    rule = f"FREQ=WEEKLY;INTERVAL=1;BYDAY={DAYS[start.weekday()]};COUNT={weeks}"
    code = f"course_{course_id}"
    rows = world.add_series(code, "Class meeting", start, start + 2 * HOUR, rule, location_name=f"Room {100 + i % 40}")
    if plan.plain:
        return
    if i == 2:
        world.delete_event(rows[len(rows) // 2].id)
        world.move_event(rows[-1].id, start + timedelta(days=1), start + timedelta(days=1, hours=1))
    if i == 3:
        world.add_event(code, "Bring your safety glasses", description="<p>No date yet.</p>")
    if i in {1, 4}:
        world.add_all_day(code, "Assessment day", plan.today + timedelta(days=3))
    sections = world.sections_of_course[course_id]
    if len(sections) > 1:
        times = {row.id: (start + turn * 3 * HOUR, start + (turn * 3 + 1) * HOUR) for turn, row in enumerate(sections)}
        world.add_section_events(course_id, "Section lab", times)


def _wall(world: Diary, plan: Plan, i: int, course_id: int) -> datetime:
    """The first meeting: eight weeks back, on the course's own weekday and hour."""
    zone = ZoneInfo(world.courses[course_id].time_zone)
    day = plan.today - timedelta(weeks=8) + timedelta(days=i % 5)
    return datetime.combine(day, time(8 + i % 9), zone)
