import pytest

from db.models import tables
from tests import factories

FACTORIES = {
    "AccessEntry": factories.access_entry,
    "AttendanceRecord": factories.attendance_record,
    "AuditEntry": factories.audit_entry,
    "CalendarFeed": factories.calendar_feed,
    "CanvasCourse": factories.canvas_course,
    "ClassEvent": factories.class_event,
    "Enrollment": factories.enrollment,
    "EnrollmentChange": factories.enrollment_change,
    "EventOverride": factories.event_override,
    "Facility": factories.facility,
    "Fact": factories.fact,
    "Holiday": factories.holiday,
    "IdempotencyRecord": factories.idempotency_record,
    "MatchApplication": factories.match_application,
    "MatchDraft": factories.match_draft,
    "MatchReport": factories.match_report,
    "OidcRegistration": factories.oidc_registration,
    "Program": factories.program,
    "ProgramFacility": factories.program_facility,
    "Provider": factories.provider,
    "ProviderFacility": factories.provider_facility,
    "ProviderLink": factories.link,
    "PushPlan": factories.push_plan,
    "Room": factories.room,
    "SchoolClass": factories.school_class,
    "SyncIssue": factories.sync_issue,
    "SyncRun": factories.sync_run,
    "Team": factories.team,
    "TeamMembership": factories.team_membership,
    "User": factories.user,
}


@pytest.mark.parametrize("model", tables(), ids=lambda model: model.__name__)
async def test_every_model_has_a_factory_that_needs_no_argument(database: str, model: type) -> None:
    made = [await FACTORIES[model.__name__]() for _ in range(2)]
    assert [type(row) for row in made] == [model, model]
    assert await model.all().count() == 2
