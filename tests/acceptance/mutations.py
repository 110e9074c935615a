"""How every mutation is asked about one side of the wall, and the least role that may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.enums import Role
from tests.acceptance.estate import MEETS, Estate

Given = Callable[[Estate, str], dict[str, Any]]
STUDENT, OFFICER, DEPARTMENT, SYSTEM = Role.STUDENT, Role.FACILITY_ADMIN, Role.DEPARTMENT_ADMIN, Role.SYSTEM_ADMIN


@dataclass(frozen=True)
class Asked:
    """`least` may do it to what is theirs; everybody else is refused, and nothing is written."""

    least: Role
    given: Given


def about(kind: str, *, key: str = "id", **more: Any) -> Given:
    """The object of a kind on that side, and fixed values."""
    return lambda estate, side: {key: estate.ids[kind, side], **more}


def ids(**kinds: str) -> Given:
    """Several ids of that side; of providers and shared classes those of everybody."""
    return lambda estate, side: {
        key: estate.ids[kind, side] if (kind, side) in estate.ids else estate.ids[kind, "everywhere"]
        for key, kind in kinds.items()
    }


def both(*parts: Given, **more: Any) -> Given:
    return lambda estate, side: {key: value for part in parts for key, value in part(estate, side).items()} | more


def listed(key: str, kind: str) -> Given:
    return lambda estate, side: {key: [estate.ids[kind, side]]}


def free(estate: Estate, side: str) -> dict[str, Any]:
    """The Canvas account of a student there whom nobody is linked to."""
    return {"canvasUserId": estate.free_accounts[side], "providerId": estate.ids["Provider", "everywhere"]}


def fixed(**values: Any) -> Given:
    return lambda *_: dict(values)


MEETING = MEETS.isoformat()
GROUPS = {"canvasGroupSet": "Projects"}

MUTATIONS: dict[str, Asked] = {
    "createProgram": Asked(DEPARTMENT, both(listed("facilityIds", "Facility"), name="New")),
    "updateProgram": Asked(DEPARTMENT, about("NativeProgram", name="Renamed")),
    "archiveProgram": Asked(DEPARTMENT, about("NativeProgram")),
    "restoreProgram": Asked(DEPARTMENT, about("NativeProgram")),
    "setProgramFacilities": Asked(DEPARTMENT, about("NativeProgram", facilityIds=[])),
    "createClass": Asked(OFFICER, both(ids(programId="NativeProgram", facilityId="Facility"), name="New")),
    "updateClass": Asked(OFFICER, about("NativeClass", name="Renamed")),
    "deleteClass": Asked(OFFICER, about("NativeClass")),
    "enrollUsers": Asked(OFFICER, both(ids(classId="NativeClass"), listed("userIds", "User"))),
    "updateEnrollment": Asked(OFFICER, about("NativeEnrollment", status="COMPLETED")),
    "createFacility": Asked(SYSTEM, fixed(name="New", timeZone="UTC")),
    "updateFacility": Asked(SYSTEM, about("Facility", name="Renamed")),
    "createUser": Asked(
        OFFICER,
        both(ids(facilityId="Facility"), username="new.one", firstName="New", lastName="One", role="STUDENT"),
    ),
    "updateUser": Asked(OFFICER, about("User", firstName="Renamed")),
    "deactivateUser": Asked(OFFICER, about("User")),
    "reactivateUser": Asked(OFFICER, about("User")),
    "createProvider": Asked(
        DEPARTMENT,
        fixed(name="New", baseUrl="https://new.test", accountId="1", accessKey="key", kind="CANVAS_OSS"),
    ),
    "updateProvider": Asked(DEPARTMENT, both(ids(id="Provider"), name="Renamed")),
    "testProvider": Asked(DEPARTMENT, ids(id="Provider")),
    "refreshProvider": Asked(DEPARTMENT, ids(id="Provider")),
    "unlinkUser": Asked(OFFICER, about("ProviderLink", key="linkId")),
    "restoreLink": Asked(OFFICER, about("ProviderLink", key="linkId")),
    "linkUser": Asked(OFFICER, both(ids(userId="User"), free)),
    "decideMatch": Asked(OFFICER, both(ids(userId="User"), free, decision="CONFIRMED")),
    "applyMatches": Asked(OFFICER, both(ids(providerId="Provider", facilityId="Facility"), autoConfirmed=True)),
    "createUserFromCanvas": Asked(OFFICER, both(ids(facilityId="Facility"), free, username="from.canvas")),
    "cancelSyncRun": Asked(OFFICER, about("SyncRun")),
    "syncTeams": Asked(OFFICER, ids(providerId="Provider")),
    "createTeam": Asked(OFFICER, both(ids(facilityId="Facility"), listed("userIds", "User"), name="New")),
    "updateTeam": Asked(OFFICER, about("Team", name="Renamed")),
    "deleteTeam": Asked(OFFICER, about("Team")),
    "setTeamMembers": Asked(OFFICER, about("Team", key="teamId", userIds=[])),
    "planGroupMemberships": Asked(OFFICER, listed("teamIds", "CanvasTeam")),
    "pushGroupMemberships": Asked(OFFICER, about("PushPlan", key="planId")),
    "planUndo": Asked(OFFICER, about("SyncRun", key="runId")),
    "assignUnassigned": Asked(DEPARTMENT, about("CanvasClass", key="classId", **GROUPS)),
    "publishTeams": Asked(OFFICER, both(ids(classId="CanvasClass"), listed("teamIds", "ClassTeam"), **GROUPS)),
    "inviteToGroup": Asked(OFFICER, both(ids(teamId="CanvasTeam"), listed("userIds", "User"))),
    "scheduleClassEvent": Asked(OFFICER, about("NativeClass", key="classId", startsAt=MEETING, duration="PT1H")),
    "updateClassEvent": Asked(OFFICER, about("NativeEvent", span="ALL", title="Renamed")),
    "cancelClassEvent": Asked(OFFICER, about("NativeEvent", reason="Snow")),
    "rescheduleClassEvent": Asked(OFFICER, about("NativeEvent", startsAt="2026-03-05T10:00:00Z")),
    "restoreClassEvent": Asked(OFFICER, about("NativeEvent")),
    "deleteClassEvent": Asked(OFFICER, about("NativeEvent", span="ALL")),
    "recordAttendance": Asked(
        OFFICER,
        lambda estate, side: {
            "eventId": estate.ids["NativeEvent", side],
            "records": [{"userId": estate.ids["User", side], "mark": "PRESENT"}],
        },
    ),
    "createRoom": Asked(OFFICER, both(ids(facilityId="Facility"), name="New")),
    "updateRoom": Asked(OFFICER, about("Room", name="Renamed")),
    "deleteRoom": Asked(OFFICER, about("Room")),
    "createHoliday": Asked(OFFICER, both(ids(facilityId="Facility"), name="New", firstDay="2026-07-04")),
    "updateHoliday": Asked(OFFICER, about("Holiday", name="Renamed")),
    "deleteHoliday": Asked(OFFICER, about("Holiday")),
    "createCalendarFeed": Asked(STUDENT, ids(userId="User")),
    "revokeCalendarFeed": Asked(STUDENT, about("CalendarFeed")),
    "createCanvasAccount": Asked(OFFICER, ids(userId="User", providerId="Provider")),
    "recreateOidcClient": Asked(DEPARTMENT, ids(providerId="Provider")),
    "importUsers": Asked(OFFICER, fixed(dryRun=True, people=[])),
    "resolveLink": Asked(OFFICER, about("ProviderLink", key="linkId", action="KEEP")),
    "requestLogin": Asked(OFFICER, about("ProviderLink", key="linkId")),
}
