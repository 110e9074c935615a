"""AC-01: an unknown date is null; no date that stands for "unknown" ever leaves the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canvas.folding import Row, roster
from domain.enums import Role
from sandbox.behaviour import Behaviour
from sandbox.world import World
from tests import factories
from tests.acceptance.everything import SDL, paths, selection
from tests.support.house import House

SENTINELS = [
    "0001-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "",
    "not a date",
    0,
    None,
    "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
]
DATES = {
    (of.name, name)
    for of in SDL.type_map.values()
    if hasattr(of, "fields")
    for name, field in of.fields.items()
    if get_named_type(field.type).name in ("DateTime", "Date")
}


def answered_dates(data: Any) -> Iterator[tuple[Any, Any]]:
    names = {name for _, name in DATES}
    for path, value in paths(data):
        last = next(part for part in reversed(path) if isinstance(part, str))
        if last.rpartition("_")[2] in names and value is not None:
            yield path, value


@pytest.mark.parametrize("sentinel", SENTINELS)
@pytest.mark.parametrize("has_graphql", [True, False])
async def test_what_canvas_says_for_unknown_is_null(house: House, sentinel: object, has_graphql: bool) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    world = World()
    student = world.add_user("Sam Reed")
    course = world.add_course("Algebra", start_at=None, end_at=None)
    row = world.enrol(course.id, student.id)
    for holder, fields in ((course, ("start_at", "end_at")), (row, ("created_at", "end_at"))):
        for name in fields:
            setattr(holder, name, sentinel)
    canvas = await house.canvas(world, Behaviour(throttling=False, has_graphql=has_graphql), name="State College")
    await factories.link(provider=canvas, user=await factories.user(), external_user_id=str(student.id))

    data = await house.data(f"{{ {selection(SDL.query_type, 2)} }}", admin)
    assert data["classes"]["totalCount"] == 1
    (node,) = data["classes"]["nodes"]
    (enrolment,) = node["roster"]["nodes"]
    assert (node["startDate"], node["endDate"], enrolment["enrolledAt"], enrolment["endedAt"]) == (None,) * 4
    dates = list(answered_dates(data))
    assert dates
    assert [found for found in dates if not "1971" <= found[1] < "3000"] == []


instants = st.one_of(st.none(), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.booleans(), instants, instants), min_size=1, max_size=6))
def test_a_person_in_many_sections_has_the_earliest_known_date_or_none(rows: list[Any]) -> None:
    """W-14: one row a person; never a date that nobody said."""
    found = roster(
        [
            Row("1", "7", str(n), "StudentEnrollment", active, began, ended, None)
            for n, (active, began, ended) in enumerate(rows)
        ]
    )
    (student,) = found.students
    known = {began for _, began, _ in rows}
    real = [began for began in known if began is not None and 1971 <= began.year < 3000]
    assert student.enrolled_at == min(real, default=None)


def test_there_are_dates_to_look_at() -> None:
    assert {("Enrollment", "enrolledAt"), ("NativeClass", "startDate"), ("Freshness", "fetchedAt")} <= DATES
