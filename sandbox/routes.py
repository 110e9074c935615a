"""Every address this Canvas answers."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.ask import Handler, endpoint
from sandbox.graphql.endpoint import graphql
from sandbox.rest import accounts, courses, enrollments, settings

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
]


def routes() -> list[Route]:
    """GraphQL first, then the table in its order."""
    found = [Route("/api/graphql", endpoint(graphql), methods=["POST"])]
    return found + [Route(V1 + path, endpoint(handler), methods=[method]) for method, path, handler in TABLE]
