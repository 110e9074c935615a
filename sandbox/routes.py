"""Every address this Canvas answers."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.ask import Handler, endpoint
from sandbox.graphql.endpoint import graphql
from sandbox.rest import (
    accounts,
    analytics,
    calendar,
    calendar_changes,
    categories,
    courses,
    enrollments,
    groups,
    logins,
    memberships,
    placement,
    providers,
    reports,
    settings,
)

V1 = "/api/v1"

TABLE: list[tuple[str, str, Handler]] = [
    ("GET", "/courses/{course}/enrollments", enrollments.list_of_course),
    ("GET", "/sections/{section}/enrollments", enrollments.list_of_section),
    ("GET", "/users/{user}/enrollments", enrollments.list_of_user),
    ("GET", "/users/{user}/courses", courses.list_courses_of_user),
    ("GET", "/courses/{course}/users", courses.list_course_users),
    ("GET", "/accounts", accounts.list_accounts),
    ("GET", "/accounts/{account}/courses", accounts.list_courses),
    ("GET", "/accounts/{account}/users", accounts.list_users),
    ("GET", "/accounts/{account}/sub_accounts", accounts.list_sub_accounts),
    ("GET", "/accounts/{account}/terms", accounts.list_terms),
    ("GET", "/accounts/{account}", accounts.show_account),
    ("GET", "/courses/{course}", courses.show_course),
    ("GET", "/users/{user}", enrollments.show_user),
    ("GET", "/settings/environment", settings.environment),
    ("GET", "/calendar_events", calendar.listing),
    ("POST", "/calendar_events", calendar_changes.create),
    ("GET", "/calendar_events/{event}", calendar.show),
    ("PUT", "/calendar_events/{event}", calendar_changes.update),
    ("DELETE", "/calendar_events/{event}", calendar_changes.delete),
    ("GET", "/accounts/{account}/group_categories", categories.list_of_account),
    ("GET", "/courses/{course}/group_categories", categories.list_of_course),
    ("POST", "/courses/{course}/group_categories", categories.create),
    ("GET", "/courses/{course}/groups", groups.list_of_course),
    ("GET", "/group_categories/{category}", categories.show),
    ("PUT", "/group_categories/{category}", categories.update),
    ("DELETE", "/group_categories/{category}", categories.delete),
    ("GET", "/group_categories/{category}/groups", groups.list_of_category),
    ("POST", "/group_categories/{category}/groups", groups.create),
    ("GET", "/group_categories/{category}/users", categories.list_users),
    ("POST", "/group_categories/{category}/assign_unassigned_members", placement.assign),
    ("POST", "/group_categories/{category}/import", placement.import_csv),
    ("GET", "/group_categories/{category}/export", placement.export_csv),
    ("GET", "/progress/{progress}", placement.show_progress),
    ("POST", "/progress/{progress}/cancel", placement.cancel_progress),
    ("GET", "/users/self/groups", groups.list_own),
    ("GET", "/groups/{group}", groups.show),
    ("PUT", "/groups/{group}", groups.update),
    ("DELETE", "/groups/{group}", groups.delete),
    ("GET", "/groups/{group}/users", groups.list_users),
    ("DELETE", "/groups/{group}/users", memberships.delete_many),
    ("GET", "/groups/{group}/memberships", memberships.listing),
    ("POST", "/groups/{group}/memberships", memberships.create),
    ("GET", "/groups/{group}/memberships/{membership}", memberships.show),
    ("PUT", "/groups/{group}/memberships/{membership}", memberships.update),
    ("DELETE", "/groups/{group}/memberships/{membership}", memberships.delete),
    ("GET", "/groups/{group}/users/{user}", memberships.show),
    ("PUT", "/groups/{group}/users/{user}", memberships.update),
    ("DELETE", "/groups/{group}/users/{user}", memberships.delete),
    ("POST", "/groups/{group}/invite", memberships.invite),
    ("POST", "/accounts/{account}/users", logins.create_user),
    ("GET", "/accounts/{account}/logins", logins.list_of_account),
    ("POST", "/accounts/{account}/logins", logins.create_login),
    ("PUT", "/accounts/{account}/logins/{login}", logins.update_login),
    ("GET", "/users/{user}/logins", logins.list_of_user),
    ("DELETE", "/users/{user}/logins/{login}", logins.delete_login),
    ("GET", "/accounts/{account}/authentication_providers", providers.listing),
    ("POST", "/accounts/{account}/authentication_providers", providers.create),
    ("GET", "/accounts/{account}/authentication_providers/{provider}", providers.show),
    ("PUT", "/accounts/{account}/authentication_providers/{provider}", providers.update),
    ("DELETE", "/accounts/{account}/authentication_providers/{provider}", providers.delete),
    ("POST", "/accounts/{account}/reports/{report}", reports.start),
    ("GET", "/accounts/{account}/reports/{report}/{id}", reports.show),
    ("GET", "/courses/{course}/analytics/student_summaries", analytics.student_summaries),
]


def routes() -> list[Route]:
    """GraphQL first, then the table in its order."""
    found = [Route("/api/graphql", endpoint(graphql), methods=["POST"])]
    return found + [Route(V1 + path, endpoint(handler), methods=[method]) for method, path, handler in TABLE]
