"""What a class event says of itself, checked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from db.models import ClassEvent, Room
from db.queries.users import users_by_ids
from domain.enums import Role
from domain.problems import InvalidInput, NotFound
from services import text
from services.days import YEARS
from services.operation import Operation
from services.recurrence import RuleError
from services.series import Series, plan

LONGEST = timedelta(days=1)


class EventFields(TypedDict, total=False):
    """What is left out stays as it is. `recurrence_rule`: None for a single session; `time_zone`: the facility's."""

    title: str | None
    starts_at: datetime
    duration: timedelta
    time_zone: str
    recurrence_rule: str | None
    room_id: int | None
    instructor_id: int | None


def series_from(
    fields: EventFields, starts_at: datetime, time_zone: str, length: timedelta, rule: str | None
) -> Series:
    """The series of an event with those fields; what they leave out is as given beside them.

    Errors: InvalidInput naming the field, for a rule that cannot be used and a duration that is none.
    """
    chosen = fields.get("starts_at", starts_at)
    length = fields.get("duration", length)
    require_length(length)
    require_start(chosen)
    zone = ZoneInfo(fields.get("time_zone") or time_zone)
    try:
        return plan(chosen.replace(microsecond=0), zone, length, _rule(fields.get("recurrence_rule", rule)))
    except RuleError as error:
        raise InvalidInput(str(error), ["recurrenceRule"]) from error


def require_length(length: timedelta) -> None:
    """Raise InvalidInput for what is no length of a session."""
    if not timedelta(0) < length <= LONGEST:
        raise InvalidInput("A session lasts longer than nothing, and 24 hours at most.", ["duration"])
    if length % timedelta(seconds=1):
        raise InvalidInput("A session lasts whole seconds.", ["duration"])


def require_start(at: datetime) -> None:
    """Raise InvalidInput for a start in years of which there are no calendars."""
    if at.year not in YEARS:
        raise InvalidInput(f"Sessions are held from {YEARS[0]} to {YEARS[-1]}.", ["startsAt"])


def _rule(given: str | None) -> str | None:
    return text.optional(given, "recurrenceRule", 400)


def columns(series: Series) -> dict[str, Any]:
    """The columns that hold a series."""
    return {
        "starts_at": series.starts_at,
        "time_zone": series.zone.key,
        "seconds": int(series.length.total_seconds()),
        "rule": series.rule,
        "ends_at": series.ends_at,
    }


async def people_and_place(op: Operation, fields: EventFields, facility_id: int) -> dict[str, Any]:
    """The columns for title, room and instructor that are there.

    Errors: NotFound for a room of another facility, and for an instructor out of scope; InvalidInput for a student.
    """
    found: dict[str, Any] = {}
    if "title" in fields:
        found["title"] = text.optional(fields["title"], "title")
    if "room_id" in fields:
        found["room_id"] = await require_room(fields["room_id"], facility_id)
    if "instructor_id" in fields:
        found["instructor_id"] = await _instructor(op, fields["instructor_id"])
    return found


async def require_room(room_id: int | None, facility_id: int) -> int | None:
    """A room in which that facility can hold a session. Errors: NotFound."""
    if room_id is not None and not await Room.filter(id=room_id, facility_id=facility_id, deleted_at=None).exists():
        raise NotFound("There is no such room at this facility.", ["roomId"])
    return room_id


async def _instructor(op: Operation, user_id: int | None) -> int | None:
    if user_id is None:
        return None
    found = await users_by_ids(op.scope, [user_id])
    if not found or found[0].deactivated_at is not None:
        raise NotFound("There is no such person.", ["instructorId"])
    if found[0].role is Role.STUDENT:
        raise InvalidInput("A student does not teach.", ["instructorId"])
    return user_id


def kept(row: ClassEvent) -> dict[str, Any]:
    """What the audit log says of an event."""
    names = ("title", "starts_at", "time_zone", "seconds", "rule", "room_id", "instructor_id")
    return {name: getattr(row, name) for name in names}
