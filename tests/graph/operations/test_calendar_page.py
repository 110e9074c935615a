"""docs/calendar.md, done from its top to its end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from db.models import AttendanceRecord, CalendarFeed, Holiday
from domain.enums import Role
from domain.refs import FacilityRef, NativeClassRef, RoomRef, UserRef
from tests import factories
from tests.support.house import House, gid

PAGE = Path(__file__).parents[3] / "docs" / "calendar.md"
EXAMPLE = re.compile(r"```graphql\n(.*?)```\n.*?```json\n(.*?)```", re.DOTALL)


async def test_every_example_does_what_the_page_says(house: House) -> None:
    facility = await factories.facility(time_zone="America/Chicago")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=facility)
    school_class = await factories.school_class(facility=facility)
    student = await factories.user(facility=facility)
    await factories.enrollment(school_class=school_class, user=student)
    ids = {
        "FACILITY_ID": gid(FacilityRef(facility.id)),
        "CLASS_ID": gid(NativeClassRef(school_class.id)),
        "ROOM_ID": gid(RoomRef((await factories.room(facility=facility)).id)),
        "STUDENT_ID": gid(UserRef(student.id)),
    }
    done: dict[str, Any] = {}
    for query, variables in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")):
        name = re.split(r"\W+", query)[1]
        done[name] = await house.data(query, admin, **filled(variables, ids))
        if name == "Schedule":
            ids |= await sessions(house, admin)
        if name == "Publish":
            ids["FEED_ID"] = done[name]["createCalendarFeed"]["feed"]["id"]
    assert [
        one for answer in done.values() for one in answer.values() if isinstance(one, dict) and one.get("errors")
    ] == []
    assert list(done) == [
        "Today", "Meets", "Schedule", "Cancel", "Restore", "Move", "Change", "Holiday", "WhoIsMissing", "Record", "NeedHelp",
        "Publish", "Revoke",
    ]  # fmt: skip
    assert (
        done["Schedule"]["scheduleClassEvent"]["event"]["recurrenceRule"]
        == "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260530T045959Z"
    )
    assert done["Move"]["rescheduleClassEvent"]["event"]["rescheduledFrom"]["id"] == ids["SESSION_ID"]
    assert len(done["WhoIsMissing"]["node"]["missingAttendance"]) == 1
    assert done["NeedHelp"]["class"]["attendanceRate"] == 1.0
    assert [await model.all().count() for model in (Holiday, AttendanceRecord, CalendarFeed)] == [1, 1, 1]


def filled(variables: str, ids: dict[str, str]) -> dict[str, Any]:
    """The variables of an example with ids for its names."""
    given: dict[str, Any] = json.loads(re.sub(r'"([A-Z_]+_ID)"', lambda name: json.dumps(ids[name[1]]), variables))
    return given


async def sessions(house: House, admin: Any) -> dict[str, str]:
    """Those that the page names: today's, the one after it, and the fifth."""
    query = '{ calendar(start: "2026-03-01", end: "2026-03-31") { events { id } } }'
    events = (await house.data(query, admin))["calendar"]["events"]
    return {"TODAYS_SESSION_ID": events[0]["id"], "SESSION_ID": events[1]["id"], "LATER_SESSION_ID": events[4]["id"]}
