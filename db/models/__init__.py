"""Every table, one module per noun. Storage only: rules live in the services."""

from tortoise.models import Model

from db.models.audit import AuditEntry
from db.models.classes import SchoolClass
from db.models.columns import UniqueIndex
from db.models.enrollments import Enrollment, EnrollmentChange
from db.models.events import AttendanceRecord, ClassEvent, EventOverride
from db.models.facilities import Facility
from db.models.facts import Fact
from db.models.feeds import CalendarFeed
from db.models.idempotency import IdempotencyRecord
from db.models.ledger import AccessEntry
from db.models.links import ProviderLink
from db.models.matching import MatchApplication, MatchDraft, MatchReport
from db.models.programs import Program, ProgramFacility
from db.models.providers import OidcRegistration, Provider, ProviderFacility
from db.models.rooms import Holiday, Room
from db.models.runs import CanvasCourse, SyncIssue, SyncRun
from db.models.teams import PushPlan, Team, TeamMembership
from db.models.users import User

__all__ = [
    "AccessEntry",
    "AttendanceRecord",
    "AuditEntry",
    "CalendarFeed",
    "CanvasCourse",
    "ClassEvent",
    "Enrollment",
    "EnrollmentChange",
    "EventOverride",
    "Facility",
    "Fact",
    "Holiday",
    "IdempotencyRecord",
    "MatchApplication",
    "MatchDraft",
    "MatchReport",
    "OidcRegistration",
    "Program",
    "ProgramFacility",
    "Provider",
    "ProviderFacility",
    "ProviderLink",
    "PushPlan",
    "Room",
    "SchoolClass",
    "SyncIssue",
    "SyncRun",
    "Team",
    "TeamMembership",
    "User",
    "tables",
    "unique_indexes",
]


def tables() -> list[type[Model]]:
    """Every model, in the order of its name."""
    return [value for name in sorted(__all__) if isinstance(value := globals()[name], type)]


def unique_indexes(model: type[Model]) -> tuple[UniqueIndex, ...]:
    return getattr(model, "unique_indexes", ())
