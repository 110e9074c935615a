"""Every way to name something by its id: what each mutation and root field takes, of one side of the wall."""

from __future__ import annotations

from typing import Any

from tests.acceptance.estate import Estate
from tests.acceptance.mutations import GROUPS, MEETING, MUTATIONS, Given, both, fixed, ids, listed

DAYS = 'start: "2026-03-01", end: "2026-03-31"'


def one_of(key: str, kind: str) -> Given:
    return lambda estate, side: {key: estate.ids[kind, side]}


def pair(estate: Estate, side: str) -> dict[str, Any]:
    return {"confirm": [{"canvasUserId": estate.free_accounts["north"], "userId": estate.ids["User", side]}]}


def made(estate: Estate, side: str) -> dict[str, Any]:
    account = estate.free_accounts["north"]
    return {
        "create": [{"canvasUserId": account, "facilityId": estate.ids["Facility", side], "username": "from.canvas"}]
    }


EVERYWHERE = ids(providerId="Provider")
SESSION = both(one_of("classId", "NativeClass"), startsAt=MEETING, duration="PT1H")
MORE: list[tuple[str, Given]] = [
    ("scheduleClassEvent", both(SESSION, one_of("roomId", "Room"))),
    ("scheduleClassEvent", both(SESSION, one_of("instructorId", "User"))),
    ("updateClassEvent", both(one_of("id", "NativeEvent"), one_of("roomId", "Room"), span="ALL")),
    ("updateClassEvent", both(one_of("id", "NativeEvent"), one_of("instructorId", "User"), span="FOLLOWING")),
    ("updateClassEvent", both(one_of("id", "CanvasEvent"), span="ALL")),
    ("rescheduleClassEvent", both(one_of("id", "NativeEvent"), one_of("roomId", "Room"), startsAt=MEETING)),
    ("createTeam", both(one_of("classId", "NativeClass"), name="New")),
    ("createTeam", both(one_of("classId", "CanvasClass"), listed("userIds", "User"), name="New")),
    ("setTeamMembers", both(one_of("teamId", "Team"), listed("userIds", "User"))),
    ("setTeamMembers", both(one_of("teamId", "CanvasTeam"), listed("userIds", "User"))),
    ("setTeamMembers", both(one_of("teamId", "ClassTeam"), listed("userIds", "User"))),
    ("planGroupMemberships", one_of("classId", "NativeClass")),
    ("planGroupMemberships", listed("teamIds", "Team")),
    ("planGroupMemberships", listed("teamIds", "ClassTeam")),
    ("syncTeams", one_of("classId", "NativeClass")),
    ("publishTeams", both(one_of("classId", "CanvasClass"), listed("teamIds", "Team"), fixed(**GROUPS))),
    ("publishTeams", both(one_of("classId", "NativeClass"), fixed(**GROUPS))),
    ("inviteToGroup", both(one_of("teamId", "Team"), userIds=[])),
    ("inviteToGroup", both(one_of("teamId", "ClassTeam"), userIds=[])),
    ("applyMatches", both(EVERYWHERE, one_of("facilityId", "Facility"), confirmed=True)),
    ("applyMatches", both(EVERYWHERE, pair)),
    ("applyMatches", both(EVERYWHERE, made)),
    ("restoreLink", one_of("applicationId", "MatchApplication")),
    ("createCalendarFeed", one_of("facilityId", "Facility")),
    ("updateUser", both(one_of("id", "User"), one_of("facilityId", "Facility"))),
    ("updateEnrollment", both(one_of("id", "CanvasEnrollment"), status="COMPLETED")),
]
WRITES = [(name, asked.given) for name, asked in MUTATIONS.items()] + MORE
"""Mutations with their input."""

READS: list[tuple[str, str]] = [
    ("Facility", "users(filter: {facilityId: $id}) { totalCount nodes { id } }"),
    ("Facility", "programs(filter: {facilityId: $id}) { totalCount nodes { id metrics { classCount } } sources { state } }"),
    ("Facility", "classes(filter: {facilityId: $id}) { totalCount nodes { id } sources { expected } }"),
    ("Facility", f"calendar({DAYS}, filter: {{facilityId: $id}}) {{ events {{ id }} sources {{ expected loaded }} }}"),
    ("Facility", "teams(filter: {facilityId: $id}) { totalCount nodes { id } }"),
    ("NativeProgram", "classes(filter: {programId: $id}) { totalCount nodes { id } sources { state } }"),
    ("NativeProgram", "program(id: $id) { id }"),
    ("NativeClass", f"calendar({DAYS}, filter: {{classId: $id}}) {{ events {{ id }} sources {{ expected }} }}"),
    ("NativeClass", "teams(filter: {classId: $id}) { totalCount nodes { id } }"),
    ("NativeClass", "syncRuns(classId: $id) { totalCount nodes { id } }"),
    ("NativeClass", "class(id: $id) { id }"),
    ("User", f"calendar({DAYS}, filter: {{userId: $id}}) {{ events {{ id }} sources {{ expected loaded }} }}"),
    ("User", "auditLog(filter: {actorId: $id}) { totalCount nodes { id } }"),
    ("User", "auditLog(filter: {objectId: $id}) { totalCount nodes { id } }"),
    ("ProviderLink", "auditLog(filter: {objectId: $id}) { totalCount nodes { id } }"),
    ("Provider", "syncRuns(filter: {providerId: $id}) { totalCount nodes { id } }"),
    ("User", "accessLedger(userId: $id) { totalCount nodes { hour } }"),
]  # fmt: skip
"""Root fields by the kind of what `$id` names, beside `node` and `nodes`."""
