"""One function per model: a row that is valid without a single argument."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from db import models
from domain.enums import AttendanceMark, ClassStatus, MatchDecision, MatchPolicy, ProviderKind, Role
from domain.names import fold, person_key

M = TypeVar("M")
Factory = Callable[..., Awaitable[M]]
NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
_numbers = count(1)


async def facility(**given: Any) -> models.Facility:
    name = given.setdefault("name", f"Facility {next(_numbers)}")
    return await models.Facility.create(**{"sort_key": fold(name), "time_zone": "UTC", **given})


async def user(**given: Any) -> models.User:
    """A student of no facility; their user name is new."""
    number = next(_numbers)
    given = {
        "username": f"user{number}",
        "first_name": "Uma",
        "last_name": f"User{number}",
        "role": Role.STUDENT,
        **given,
    }
    keys = {
        "username_key": given["username"].casefold(),
        "sort_key": person_key(given["first_name"], given["last_name"]),
    }
    return await models.User.create(**{**keys, **given})


async def provider(**given: Any) -> models.Provider:
    number = next(_numbers)
    name = given.setdefault("name", f"Canvas {number}")
    defaults = {"kind": ProviderKind.CANVAS_OSS, "base_url": f"https://canvas{number}.test", "account_id": "1"}
    return await models.Provider.create(**{"sort_key": fold(name), **defaults, **given})


async def provider_facility(**given: Any) -> models.ProviderFacility:
    return await models.ProviderFacility.create(**await _with(given, provider=provider, facility=facility))


async def oidc_registration(**given: Any) -> models.OidcRegistration:
    given = await _with(given, provider=provider)
    defaults = {"client_id": f"client{next(_numbers)}", "sealed_client_secret": "sealed"}
    return await models.OidcRegistration.create(**{**defaults, "redirect_uris": [], "scopes": [], **given})


async def link(**given: Any) -> models.ProviderLink:
    given = await _with(given, provider=provider, user=user)
    return await models.ProviderLink.create(**{"external_user_id": str(next(_numbers)), **given})


async def match_application(**given: Any) -> models.MatchApplication:
    return await models.MatchApplication.create(**{"applied_at": NOW, **await _with(given, provider=provider)})


async def match_draft(**given: Any) -> models.MatchDraft:
    given = await _with(given, provider=provider, user=user)
    defaults = {"canvas_user_id": str(next(_numbers)), "decision": MatchDecision.CONFIRMED, "decided_at": NOW}
    return await models.MatchDraft.create(**{**defaults, **given})


async def match_report(**given: Any) -> models.MatchReport:
    given = await _with(given, provider=provider)
    defaults = {"policy": MatchPolicy.SAFE, "fingerprint": "0", "computed_at": NOW, "payload": b""}
    return await models.MatchReport.create(**{**defaults, **given})


async def program(**given: Any) -> models.Program:
    name = given.setdefault("name", f"Program {next(_numbers)}")
    return await models.Program.create(**{"sort_key": fold(name), **given})


async def program_facility(**given: Any) -> models.ProgramFacility:
    return await models.ProgramFacility.create(**await _with(given, program=program, facility=facility))


async def school_class(**given: Any) -> models.SchoolClass:
    given = await _with(given, program=program, facility=facility)
    name = given.setdefault("name", f"Class {next(_numbers)}")
    return await models.SchoolClass.create(**{"sort_key": fold(name), "status": ClassStatus.ACTIVE, **given})


async def enrollment(**given: Any) -> models.Enrollment:
    return await models.Enrollment.create(**await _with(given, school_class=school_class, user=user))


async def enrollment_change(**given: Any) -> models.EnrollmentChange:
    given = await _with(given, enrollment=enrollment)
    return await models.EnrollmentChange.create(**{"to_status": "ENROLLED", **given})


async def room(**given: Any) -> models.Room:
    given = await _with(given, facility=facility)
    name = given.setdefault("name", f"Room {next(_numbers)}")
    return await models.Room.create(**{"sort_key": fold(name), **given})


async def holiday(**given: Any) -> models.Holiday:
    given = await _with(given, facility=facility)
    return await models.Holiday.create(**{"name": "Holiday", "first_day": NOW.date(), "last_day": NOW.date(), **given})


async def class_event(**given: Any) -> models.ClassEvent:
    """One session of two hours; its end follows from the start unless there is a rule."""
    given = await _with(given, school_class=school_class)
    given = {"starts_at": NOW, "time_zone": "UTC", "seconds": 7200, **given}
    if "rule" not in given:
        given.setdefault("ends_at", given["starts_at"] + timedelta(seconds=given["seconds"]))
    return await models.ClassEvent.create(**given)


async def event_override(**given: Any) -> models.EventOverride:
    given = await _with(given, event=class_event)
    return await models.EventOverride.create(**{"occurrence": "20250301T120000", **given})


async def attendance_record(**given: Any) -> models.AttendanceRecord:
    given = await _with(given, event=class_event, user=user)
    defaults = {"occurrence": "20250301T120000", "held_at": NOW, "mark": AttendanceMark.PRESENT, "recorded_at": NOW}
    return await models.AttendanceRecord.create(**{**defaults, **given})


async def calendar_feed(**given: Any) -> models.CalendarFeed:
    return await models.CalendarFeed.create(**{"nonce": f"nonce{next(_numbers)}", **given})


async def audit_entry(**given: Any) -> models.AuditEntry:
    defaults = {"action": "createProgram", "object_type": "NativeProgram", "object_key": str(next(_numbers))}
    return await models.AuditEntry.create(**{**defaults, **given})


async def access_entry(**given: Any) -> models.AccessEntry:
    defaults = await _with({"document": "abc", "hour": NOW, **given}, student=user, viewer=user)
    return await models.AccessEntry.create(**defaults)


async def fact(**given: Any) -> models.Fact:
    defaults = {"key": f"v1:1:course:{next(_numbers)}", "provider_id": 1, "kind": "course", "payload": b"{}"}
    return await models.Fact.create(**{**defaults, "fetched_at": NOW, **given})


async def idempotency_record(**given: Any) -> models.IdempotencyRecord:
    defaults = {"actor_id": 1, "key": f"key{next(_numbers)}", "mutation": "linkUser", "request_hash": "0"}
    return await models.IdempotencyRecord.create(**{**defaults, **given})


async def sync_run(**given: Any) -> models.SyncRun:
    return await models.SyncRun.create(**{"kind": "PULL_TEAMS", **given})


async def sync_issue(**given: Any) -> models.SyncIssue:
    given = await _with(given, run=sync_run)
    return await models.SyncIssue.create(**{"code": "ODD", "message": "Something is odd.", "at": NOW, **given})


async def canvas_course(**given: Any) -> models.CanvasCourse:
    given = await _with(given, provider=provider)
    return await models.CanvasCourse.create(**{"course_id": str(next(_numbers)), **given})


async def team(**given: Any) -> models.Team:
    """Made by hand, of no class."""
    name = given.setdefault("name", f"Team {next(_numbers)}")
    return await models.Team.create(**{"sort_key": fold(name), **given})


async def team_membership(**given: Any) -> models.TeamMembership:
    given = await _with(given, team=team, user=user)
    return await models.TeamMembership.create(**{"source": "NATIVE", "since": NOW, **given})


async def push_plan(**given: Any) -> models.PushPlan:
    given = await _with(given, provider=provider)
    return await models.PushPlan.create(**{"course_id": str(next(_numbers)), "expires_at": NOW, **given})


async def _with(given: dict[str, Any], **parents: Factory[Any]) -> dict[str, Any]:
    """`given` and, for each parent it names neither by row nor by id, a new row."""
    missing = [name for name in parents if name not in given and f"{name}_id" not in given]
    return {**{name: await parents[name]() for name in missing}, **given}
