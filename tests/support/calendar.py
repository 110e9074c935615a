"""Calendars asked for in tests, and Canvases with a few events."""

from __future__ import annotations

from typing import Any

from db.models import Provider, User
from domain.enums import Role
from sandbox.world import World
from tests import factories
from tests.support.house import House

CALENDAR = """
query Calendar($start: Date!, $end: Date!, $filter: CalendarFilter) {
  calendar(start: $start, end: $end, filter: $filter) {
    events { __typename id title source startsAt endsAt allDay timeZone isCancelled location
      class { id name } program { name } facility { name }
      ... on NativeEvent { isRescheduled reason recurrenceRule instructor { fullName } room { name } }
      ... on CanvasEvent { provider { name } canvasUrl seriesId } }
    sources { state errorCode expected loaded provider { name } } } }
"""
TITLES = """
query Titles($start: Date!, $end: Date!, $filter: CalendarFilter) {
  calendar(start: $start, end: $end, filter: $filter) { events { id title startsAt } sources { state errorCode expected loaded } } }
"""
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
APRIL = {"start": "2026-04-01", "end": "2026-04-30"}
EVENTS = ("GET", "/api/v1/calendar_events")
LIMIT = ("GET", "/api/v1/settings/environment")


async def admin() -> User:
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


async def titles(house: House, viewer: User, **variables: Any) -> list[str]:
    data = await house.data(TITLES, viewer, **{**MARCH, **variables})
    return [event["title"] for event in data["calendar"]["events"]]


def world_of(courses: int, zone: str = "America/Chicago") -> World:
    """Courses with one event each on March 3rd and on April 3rd."""
    world = World()
    for number in range(courses):
        course = world.add_course(f"Course {number}", time_zone=zone)
        for month in (3, 4):
            start = f"2026-0{month}-03T15:00:00Z"
            world.add_event(f"course_{course.id}", f"C{number}", start, f"2026-0{month}-03T16:00:00Z")
    return world


async def linked(house: House, world: World, provider: Provider, person: User, name: str, *course_ids: int) -> None:
    """A Canvas account of that person, enrolled in those courses."""
    account = world.add_user(name)
    for course_id in course_ids:
        world.enrol(course_id, account.id)
    await factories.link(provider=provider, user=person, external_user_id=str(account.id))
