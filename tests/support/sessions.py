"""Mutations of class events, as a facility admin sends them."""

from __future__ import annotations

from typing import Any

from db.models import Facility, SchoolClass, User
from domain.enums import Role
from domain.refs import NativeClassRef
from tests import factories
from tests.support.house import House, gid

EVENT = "id title startsAt endsAt timeZone isCancelled isRescheduled reason recurrenceRule location"
ERRORS = "errors { __typename ... on UserError { message path } }"
WARNINGS = "warnings { kind message at { startsAt } overlapping { id title } }"


def mutation(name: str, fields: str) -> str:
    big = name[0].upper() + name[1:]
    return f"mutation M($input: {big}Input!) {{ {name}(input: $input) {{ {fields} {ERRORS} }} }}"


SCHEDULE = mutation("scheduleClassEvent", f"event {{ {EVENT} }} {WARNINGS}")
UPDATE = mutation("updateClassEvent", f"event {{ {EVENT} }} {WARNINGS}")
CANCEL = mutation("cancelClassEvent", f"event {{ {EVENT} }}")
RESTORE = mutation("restoreClassEvent", f"event {{ {EVENT} }}")
MOVE = mutation(
    "rescheduleClassEvent", f"event {{ {EVENT} rescheduledFrom {{ {EVENT} rescheduledTo {{ id }} }} }} {WARNINGS}"
)
DELETE = mutation("deleteClassEvent", "deletedId class { name }")
LISTED = f"""query($start: Date!, $end: Date!) {{ calendar(start: $start, end: $end) {{ events {{ ... on NativeEvent {{ {EVENT} }} }} }} }}"""


async def teach(zone: str = "America/Chicago") -> tuple[User, SchoolClass, Facility]:
    """A facility admin and a class of theirs."""
    facility = await factories.facility(time_zone=zone)
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=facility)
    return admin, await factories.school_class(name="Welding", facility=facility), facility


async def scheduled(house: House, admin: User, school_class: SchoolClass, **given: Any) -> dict[str, Any]:
    defaults = {
        "classId": gid(NativeClassRef(school_class.id)),
        "startsAt": "2026-03-03T01:30:00Z",
        "duration": "PT2H",
        "recurrenceRule": "FREQ=WEEKLY;BYDAY=MO;COUNT=4",
    }
    data = await house.data(SCHEDULE, admin, input={**defaults, **given})
    assert data["scheduleClassEvent"]["errors"] == []
    event: dict[str, Any] = data["scheduleClassEvent"]["event"]
    return event


async def listed(house: House, viewer: User) -> list[dict[str, Any]]:
    data = await house.data(LISTED, viewer, start="2026-02-01", end="2026-06-30")
    events: list[dict[str, Any]] = data["calendar"]["events"]
    return events


async def starts(house: House, viewer: User) -> list[str]:
    return [event["startsAt"][:16] for event in await listed(house, viewer)]


async def kinds(house: House, query: str, viewer: User | None, **given: Any) -> list[str]:
    (payload,) = (await house.data(query, viewer, input=given)).values()
    assert {value for name, value in payload.items() if name not in ("errors", "warnings")} == {None}
    return [error["__typename"] for error in payload["errors"]]
