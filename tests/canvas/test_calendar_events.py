from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from canvas.calendar_events import list_events
from canvas.environment import show_calendar_limit
from domain import facts
from domain.errors import UpstreamError, UpstreamMissing
from tests.canvas.conftest import Stand
from tests.canvas.fake import FakeCanvas, answers, ok

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


async def test_series_sections_and_all_day_rows_are_events_of_their_course(small: Stand) -> None:
    start, end = datetime(2026, 3, 2, 15, tzinfo=UTC), datetime(2026, 3, 2, 17, tzinfo=UTC)
    small.world.add_event("course_4821", "Shop hours", start, end, location_name="Shop B")
    small.world.add_all_day("course_4821", "Fair", date(2026, 3, 9))
    small.world.add_series("course_4821", "Weekly", start, end, "FREQ=WEEKLY;INTERVAL=1;COUNT=3")
    small.world.add_section_events(4821, "Lab", {992: (start, end)})
    events = await list_events(small.canvas, ["4821"], *MARCH)
    assert {event.course_id for event in events} == {"4821"}
    by_title = {event.title: event for event in events}
    shop = by_title["Shop hours"]
    assert (shop.starts_at, shop.ends_at, shop.location, shop.all_day) == (start, end, "Shop B", False)
    assert (by_title["Fair"].all_day, by_title["Fair"].day) == (True, date(2026, 3, 9))
    weekly = [event for event in events if event.title == "Weekly"]
    assert len(weekly) == 3
    assert len({event.series_id for event in weekly}) == 1
    labs = [event for event in events if event.title.startswith("Lab")]
    assert [(event.section_id, event.starts_at) for event in labs] == [("992", start)]
    assert [event.starts_at for event in events] == sorted(event.starts_at for event in events)


async def test_one_unreadable_course_fails_the_chunk(small: Stand) -> None:
    with pytest.raises(UpstreamError):
        await list_events(small.canvas, ["4821", "999"], *MARCH)
    small.world.delete_course(4821)
    with pytest.raises(UpstreamError):
        await list_events(small.canvas, ["4821"], *MARCH)
    with pytest.raises(UpstreamMissing):
        await list_events(small.canvas, ["../1"], *MARCH)


async def test_instants_are_sent_in_utc_and_codes_for_each_course() -> None:
    fake = FakeCanvas(answers(ok([])))
    await list_events(fake.canvas(), ["1", "2"], *MARCH)
    params = fake.requests[0].url.params
    assert params.get_list("context_codes[]") == ["course_1", "course_2"]
    assert (params["start_date"], params["end_date"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")


async def test_odd_rows_degrade_alone() -> None:
    good: dict[str, Any] = {"id": 1, "start_at": "2026-03-02T15:00:00Z", "context_code": "course_1"}
    rows = [
        good,
        {**good, "id": 2, "start_at": None},
        {**good, "id": 3, "context_code": "user_5"},
        {**good, "id": 4, "context_code": "course_section_9", "effective_context_code": "account_1,course_1"},
        {**good, "id": 5, "hidden": True},
        {**good, "id": 6, "end_at": "2026-03-01T00:00:00Z", "workflow_state": "deleted", "title": " "},
        {**good, "id": 7, "context_code": "course_8"},
        {**good, "id": 8, "start_at": "9999-12-31T23:59:59Z"},
        {**good, "id": 10, "start_at": "0001-01-01T00:00:00Z"},
        {**good, "id": 11, "end_at": "9999-12-31T23:59:59Z"},
        {**good, "id": "assignment_9", "all_day": "?", "all_day_date": "?", "location_address": "Road 1"},
        "rubbish",
    ]
    events = await list_events(FakeCanvas(answers(ok(rows))).canvas(), ["1"], *MARCH)
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    plain = facts.Event(
        id="1",
        course_id="1",
        section_id=None,
        title="Untitled",
        starts_at=at,
        ends_at=at,
        all_day=False,
        day=None,
        location=None,
        url=None,
        series_id=None,
        cancelled=False,
    )
    assert {event.id: event for event in events} == {
        "1": plain,
        "4": replace(plain, id="4", section_id="9"),
        "6": replace(plain, id="6", cancelled=True),
        "11": replace(plain, id="11"),
        "assignment_9": replace(plain, id="assignment_9", location="Road 1"),
    }


@pytest.mark.parametrize(
    ("payload", "limit"),
    [
        ({"calendar_contexts_limit": 20}, 20),
        ({"calendar_contexts_limit": 9999}, 150),
        ({}, 10),
        ({"calendar_contexts_limit": True}, 10),
        ([], 10),
    ],
)
async def test_the_context_limit_is_discovered(payload: object, limit: int) -> None:
    assert await show_calendar_limit(FakeCanvas(answers(ok(payload))).canvas()) == limit


async def test_the_context_limit_of_the_stand_in(small: Stand) -> None:
    assert await show_calendar_limit(small.canvas) == 10
    small.behaviour.calendar_contexts_limit = 25
    assert await show_calendar_limit(small.canvas) == 25
