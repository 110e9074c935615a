"""Planning the enrolments of an import: who is in which class, as long as there are seats."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from db.models import Enrollment
from domain.enums import ClassStatus, EnrollmentStatus, Role
from services.importing.gathering import ClassKey, Wanted
from services.importing.plan import Asking, Diff
from services.importing.plan_people import People, role_of
from services.importing.plan_teaching import Classes, capacity_of, status_of
from services.program_facilities import OPEN

Pair = tuple[ClassKey, str]
Enrollments = Diff[Pair, Enrollment]
ENROLLED = EnrollmentStatus.ENROLLED


def plan_enrollments(asking: Asking, people: People, classes: Classes) -> Enrollments:
    """New enrolments and new statuses of old ones. An enrolment that is there keeps a status nobody names.

    Quirk: somebody who moves leaves the classes of the old facility, but for those where a row names their status.
    """
    plan = Enrollments()
    gone = {row.id for row in left_behind(asking, people)}
    seats = _seats(asking, classes, gone)
    for pair, wanted in asking.found.enrollments.items():
        row = _existing(asking, pair)
        if row is not None and row.id in gone:
            continue
        before = None if row is None else row.status
        after = EnrollmentStatus(wanted.values.get("status", before or ENROLLED))
        values = _values(asking, pair[0], wanted, before, after)
        if row is None:
            plan.new[pair] = values
        else:
            plan.compare(pair, row, values)
        if after is ENROLLED:
            _require_possible(asking, people, classes, pair, before)
        _take_seat(asking, seats, pair, before, after)
    return plan


def left_behind(asking: Asking, people: People) -> list[Enrollment]:
    """The open enrolments that the moves of the file end."""
    moving = (asking.state.people[key] for key, change in people.changed.items() if "facility_id" in change.values)
    old = {row.id: row.facility_id for row in moving}
    told = {
        row.id
        for pair, wanted in asking.found.enrollments.items()
        if "status" in wanted.values and (row := _existing(asking, pair))
    }
    return [
        row
        for row in asking.state.enrollments.values()
        if row.user_id in old
        and row.status is ENROLLED
        and row.id not in told
        and asking.state.sites[row.school_class_id] == old[row.user_id]
    ]


def _values(
    asking: Asking, key: ClassKey, wanted: Wanted, before: EnrollmentStatus | None, after: EnrollmentStatus
) -> dict[str, Any]:
    """The columns to write. Days begin where the class is taught; what is not told stays unknown."""
    zone = ZoneInfo(asking.state.zones[key.facility_id])
    values: dict[str, Any] = {"status": after}
    if "enrolled_on" in wanted.values:
        values["enrolled_at"] = _start(wanted.values["enrolled_on"], zone)
    elif before is None and after is ENROLLED:
        values["enrolled_at"] = asking.op.now()
    if after is ENROLLED:
        values["ended_at"] = None
        if "ended_on" in wanted.values:
            asking.refuse(wanted, "ended_on", "Who is enrolled has not ended.", "ended_on")
    elif "ended_on" in wanted.values:
        values["ended_at"] = _start(wanted.values["ended_on"], zone)
    elif before is ENROLLED:
        values["ended_at"] = asking.op.now()
    return values


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _existing(asking: Asking, pair: Pair) -> Enrollment | None:
    classes, person = asking.state.classes.get(pair[0]), asking.state.people.get(pair[1])
    return asking.state.enrollments.get((classes[0].id, person.id)) if classes and person else None


def _require_possible(
    asking: Asking, people: People, classes: Classes, pair: Pair, before: EnrollmentStatus | None
) -> None:
    wanted, status = asking.found.enrollments[pair], status_of(asking, classes, pair[0])
    said_again = status is ClassStatus.CANCELLED and "status" in wanted.values
    if before is ENROLLED and not said_again:
        return
    if status not in OPEN:
        asking.refuse(wanted, "enrollment_status", "This class is over: say how the enrolment ended.")
    if role_of(asking, people, pair[1]) is not Role.STUDENT:
        asking.refuse(wanted, "username", "Only students are enrolled.")
    if not _counts(asking, pair[1]):
        asking.refuse(wanted, "username", "This person is deactivated: reactivate them first.")


def _seats(asking: Asking, classes: Classes, gone: set[int]) -> dict[ClassKey, int]:
    """How many people each class holds before the rows are carried out; refuses what makes it smaller than that."""
    freed = Counter(row.school_class_id for row in asking.state.enrollments.values() if row.id in gone)
    seats = {}
    for key, wanted in asking.found.classes.items():
        rows = asking.state.classes.get(key)
        seats[key] = asking.state.seats.get(rows[0].id, 0) - freed[rows[0].id] if rows else 0
        capacity = classes.changed[key].values.get("capacity") if key in classes.changed else None
        if capacity is not None and seats[key] > capacity:
            asking.refuse(
                wanted, "capacity", f"{seats[key]} people are enrolled: there cannot be fewer seats.", "capacity"
            )
    return seats


def _take_seat(
    asking: Asking,
    seats: dict[ClassKey, int],
    pair: Pair,
    before: EnrollmentStatus | None,
    after: EnrollmentStatus,
) -> None:
    if before is after or not _counts(asking, pair[1]):
        return
    capacity = capacity_of(asking, pair[0])
    if before is ENROLLED:
        seats[pair[0]] -= 1
    elif after is ENROLLED and (capacity is None or seats[pair[0]] < capacity):
        seats[pair[0]] += 1
    elif after is ENROLLED:
        asking.refuse(asking.found.enrollments[pair], "class", "There is no seat left in this class.")


def _counts(asking: Asking, key: str) -> bool:
    row = asking.state.people.get(key)
    return row is None or row.deactivated_at is None
