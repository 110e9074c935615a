"""The closed sets of values that every floor shares. Their names are the schema's."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    NATIVE = "NATIVE"
    CANVAS = "CANVAS"


class Role(StrEnum):
    STUDENT = "STUDENT"
    FACILITY_ADMIN = "FACILITY_ADMIN"
    DEPARTMENT_ADMIN = "DEPARTMENT_ADMIN"
    SYSTEM_ADMIN = "SYSTEM_ADMIN"

    @property
    def rank(self) -> int:
        """0 for a student, 3 for a system admin."""
        return _ROLES.index(self)


_ROLES = tuple(Role)


class SourceState(StrEnum):
    FRESH = "FRESH"
    STALE = "STALE"
    LOADING = "LOADING"
    FAILED = "FAILED"
    DISABLED = "DISABLED"


class ProviderKind(StrEnum):
    CANVAS_CLOUD = "CANVAS_CLOUD"
    CANVAS_OSS = "CANVAS_OSS"


class ProviderState(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    ARCHIVED = "ARCHIVED"


class MatchPolicy(StrEnum):
    SAFE = "SAFE"
    PUBLISHED = "PUBLISHED"


class LoginState(StrEnum):
    NONE = "NONE"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"


class ClassStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class EnrollmentStatus(StrEnum):
    ENROLLED = "ENROLLED"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"
    DROPPED = "DROPPED"
    FAILED_TO_COMPLETE = "FAILED_TO_COMPLETE"
    TRANSFERRED = "TRANSFERRED"
    CANCELLED = "CANCELLED"


class EnrollOutcome(StrEnum):
    ENROLLED = "ENROLLED"
    ALREADY_ENROLLED = "ALREADY_ENROLLED"
    NOT_FOUND = "NOT_FOUND"
    NOT_A_STUDENT = "NOT_A_STUDENT"
    DEACTIVATED = "DEACTIVATED"
    NO_SEAT = "NO_SEAT"


class AttendanceMark(StrEnum):
    PRESENT = "PRESENT"
    PARTIAL = "PARTIAL"
    EXCUSED = "EXCUSED"
    UNEXCUSED = "UNEXCUSED"


class AttendanceFlagKind(StrEnum):
    NO_ATTENDANCE = "NO_ATTENDANCE"
    MULTIPLE_ABSENCES = "MULTIPLE_ABSENCES"


class EventSpan(StrEnum):
    ALL = "ALL"
    FOLLOWING = "FOLLOWING"


class OverlapKind(StrEnum):
    ROOM = "ROOM"
    INSTRUCTOR = "INSTRUCTOR"


class GroupsState(StrEnum):
    HAS_GROUPS = "HAS_GROUPS"
    NO_GROUPS = "NO_GROUPS"
    UNKNOWN = "UNKNOWN"


class SyncKind(StrEnum):
    PULL_TEAMS = "PULL_TEAMS"
    PUSH_MEMBERSHIPS = "PUSH_MEMBERSHIPS"
    ASSIGN_UNASSIGNED = "ASSIGN_UNASSIGNED"
    PUBLISH_TEAMS = "PUBLISH_TEAMS"
    MATCH = "MATCH"
    APPLY_MATCHES = "APPLY_MATCHES"
    LOGINS = "LOGINS"


class PushOutcome(StrEnum):
    ADDED = "ADDED"
    MOVED = "MOVED"
    REMOVED = "REMOVED"
    REFUSED = "REFUSED"
    MISSING = "MISSING"
    STILL_THERE = "STILL_THERE"


class SyncState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SUCCEEDED_WITH_WARNINGS = "SUCCEEDED_WITH_WARNINGS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class MatchGrade(StrEnum):
    AUTO_CONFIRMED = "AUTO_CONFIRMED"
    AMBIGUOUS = "AMBIGUOUS"
    UNMATCHED = "UNMATCHED"


class MatchDecision(StrEnum):
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


class MatchOutcomeKind(StrEnum):
    LINKED = "LINKED"
    ALREADY_LINKED = "ALREADY_LINKED"
    CREATED = "CREATED"
    FAILED = "FAILED"


class CanvasAccountState(StrEnum):
    PRESENT = "PRESENT"
    RENAMED = "RENAMED"
    MERGED = "MERGED"
    DELETED = "DELETED"


class LinkAction(StrEnum):
    KEEP = "KEEP"
    FOLLOW_MERGE = "FOLLOW_MERGE"
