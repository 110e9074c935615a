"""The calendar: ten contexts, hidden parents, series as rows, and what writing answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.app import Sandbox, create_app
from sandbox.world import World
from sandbox.world.recurrence import occurrences, read_rule
from sandbox.world.times import local

EVENTS = "/api/v1/calendar_events"
YEAR = "start_date=2026-01-01T00:00:00Z&end_date=2026-12-31T00:00:00Z&per_page=100"
WEEKLY = "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=4"


async def _titles(client: httpx.AsyncClient, asked: str) -> list[str]:
    return [row["title"] for row in (await client.get(f"{EVENTS}?{asked}")).json()]


async def _create(client: httpx.AsyncClient, **event: Any) -> httpx.Response:
    return await client.post(EVENTS, json={"calendar_event": {"context_code": "course_4821", **event}})


@pytest.fixture
def dozen(world: World) -> list[str]:
    """Twelve courses with one event each."""
    codes = []
    for n in range(12):
        course = world.add_course(f"Course {n}", id=100 + n)
        codes.append(f"course_{course.id}")
        world.add_event(codes[-1], f"Event {n:02}", f"2026-03-{n + 1:02}T15:00:00Z")
    return codes


@pytest.mark.parametrize(("limit", "count"), [(None, 10), (11, 11), (2, 2)])
async def test_only_the_first_contexts_count_and_nothing_says_so(
    client: httpx.AsyncClient, app: Sandbox, dozen: list[str], limit: int | None, count: int
) -> None:
    app.state.behaviour.calendar_contexts_limit = limit
    asked = "&".join(f"context_codes[]={code}" for code in dozen)

    answer = await client.get(f"{EVENTS}?{YEAR}&{asked}")

    assert answer.status_code == 200
    assert [row["title"] for row in answer.json()] == [f"Event {n:02}" for n in range(count)]


@pytest.mark.parametrize("bad", ["course_9", "course_104", "nonsense", "user_91"])
async def test_one_bad_context_fails_all_unless_it_is_past_the_limit(
    client: httpx.AsyncClient, world: World, dozen: list[str], bad: str
) -> None:
    world.delete_course(104)
    good = [code for code in dozen if code != "course_104"]

    within = await client.get(f"{EVENTS}?{YEAR}&context_codes[]={good[0]}&context_codes[]={bad}")
    codes = "&".join(f"context_codes[]={code}" for code in [*good[:10], bad])
    past = await client.get(f"{EVENTS}?{YEAR}&{codes}")

    assert (within.status_code, within.json()["status"]) == (403, "unauthorized")
    assert past.status_code == 200


async def test_dates_overlap_and_days_are_the_callers(client: httpx.AsyncClient, world: World) -> None:
    world.add_event("course_4821", "Long", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z")
    world.add_event("course_4821", "Late", "2026-03-06T05:30:00Z")
    world.add_event("course_4821", "Undated")
    code = "context_codes[]=course_4821"

    day = await _titles(client, f"{code}&start_date=2026-03-05&end_date=2026-03-05")
    instants = await _titles(client, f"{code}&start_date=2026-03-05T00:00:00Z&end_date=2026-03-05T23:59:59Z")
    backwards = await _titles(client, f"{code}&start_date=2026-03-05&end_date=2026-03-01")

    assert (day, instants, backwards) == (["Long", "Late"], ["Long"], ["Long", "Late"])
    assert await _titles(client, f"{code}&undated=true") == ["Undated"]
    assert sorted(await _titles(client, f"{code}&all_events=1")) == ["Late", "Long", "Undated"]
    assert await _titles(client, f"{code}&all_events=1&type=assignment") == []


async def test_without_dates_only_today_is_answered() -> None:
    world = World(lambda: datetime(2026, 3, 5, 12, tzinfo=UTC))
    world.add_course("Welding", id=4821)
    world.add_event("course_4821", "Today", "2026-03-05T20:00:00Z")
    world.add_event("course_4821", "Tomorrow", "2026-03-06T20:00:00Z")
    headers = {"Authorization": "Bearer sandbox-token"}
    transport = httpx.ASGITransport(app=create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="https://canvas.test", headers=headers) as client:
        assert await _titles(client, "context_codes[]=course_4821") == ["Today"]
        assert await _titles(client, "all_events=1") == []


async def test_a_bad_date_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{EVENTS}?start_date=soon")

    assert answer.status_code == 400
    assert answer.json() == {"errors": {"start_date": "Invalid date or invalid datetime for start_date"}}


async def test_section_events_come_under_a_hidden_parent(client: httpx.AsyncClient, world: World) -> None:
    first = world.sections_of_course[4821][0].id
    times = {
        first: ("2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z"),
        992: ("2026-03-03T15:00:00Z", "2026-03-03T16:00:00Z"),
    }
    world.add_section_events(4821, "Lab", times)

    rows = (await client.get(f"{EVENTS}?{YEAR}&context_codes[]=course_4821")).json()

    assert [(row["title"], row["hidden"], row["context_code"], row["effective_context_code"]) for row in rows] == [
        ("Lab", True, "course_4821", None),
        ("Lab (A)", False, f"course_section_{first}", "course_4821"),
        ("Lab (B)", False, "course_section_992", "course_4821"),
    ]
    assert (rows[0]["start_at"], rows[0]["end_at"]) == ("2026-03-02T15:00:00Z", "2026-03-03T16:00:00Z")
    assert [child["id"] for child in rows[0]["child_events"]] == [rows[1]["id"], rows[2]["id"]]


async def test_a_series_is_rows_that_keep_their_wall_clock(client: httpx.AsyncClient, world: World) -> None:
    made = await _create(
        client, title="Shop", start_at="2026-03-02T15:00:00Z", end_at="2026-03-02T17:00:00Z", rrule=WEEKLY
    )
    rows = (await client.get(f"{EVENTS}?{YEAR}&context_codes[]=course_4821")).json()

    assert made.status_code == 201
    assert [one["calendar_event"]["id"] for one in made.json()["duplicates"]] == [row["id"] for row in rows[1:]]
    assert [row["start_at"] for row in rows] == [
        "2026-03-02T15:00:00Z",
        "2026-03-09T14:00:00Z",
        "2026-03-16T14:00:00Z",
        "2026-03-23T14:00:00Z",
    ]
    assert {(row["rrule"], row["series_uuid"]) for row in rows} == {(WEEKLY, made.json()["series_uuid"])}
    assert ["series_head" in row for row in rows] == [True, False, False, False]


@pytest.mark.parametrize(
    ("rrule", "message"),
    [
        ("INTERVAL=1;COUNT=2", "Missing FREQ"),
        ("FREQ=WEEKLY;COUNT=2", "Missing INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=1", "Missing COUNT or UNTIL"),
        ("FREQ=WEEKLY;INTERVAL=1;COUNT=201", "COUNT must be <= 200"),
        ("FREQ=DAILY;INTERVAL=1;UNTIL=20990101T000000Z", "COUNT must be <= 200"),
    ],
)
async def test_rules_canvas_refuses(client: httpx.AsyncClient, rrule: str, message: str) -> None:
    answer = await _create(client, start_at="2026-03-02T15:00:00Z", rrule=rrule)

    assert (answer.status_code, answer.json()) == (400, {"message": message})


@pytest.mark.parametrize(
    ("event", "status", "times"),
    [
        ({"start_at": "2026-03-02T15:00:00Z"}, 201, ("2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z")),
        (
            {"start_at": "2026-03-02T15:00:00Z", "end_at": "2026-03-01T15:00:00Z"},
            201,
            ("2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z"),
        ),
        ({"start_at": "2026-03-02T09:00"}, 201, ("2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z")),
        ({"start_at": "2026-03-02T15:00:00Z", "all_day": True}, 201, ("2026-03-02T06:00:00Z", "2026-03-02T06:00:00Z")),
        ({}, 201, (None, None)),
    ],
)
async def test_ends_zones_and_whole_days(
    client: httpx.AsyncClient, event: dict[str, Any], status: int, times: tuple[str | None, str | None]
) -> None:
    answer = await _create(client, **event)

    assert (answer.status_code, (answer.json()["start_at"], answer.json()["end_at"])) == (status, times)
    assert answer.json()["all_day_date"] == ("2026-03-02" if "all_day" in event else None)


async def test_contexts_one_cannot_write_to(client: httpx.AsyncClient, app: Sandbox, world: World) -> None:
    world.add_course("Gone", id=50, state="deleted")
    app.state.behaviour.deny(4821, "manage_calendar")

    answers = [await _create(client, context_code=code) for code in ("course_9", "course_50", "course_4821", "")]

    assert [answer.status_code for answer in answers] == [404, 400, 403, 400]
    assert answers[1].json() == {"error": "cannot create event for deleted course"}
    assert answers[3].json() == {"errors": [{"message": "calendar_event[context_code] is missing"}]}


async def test_changing_one_of_a_series_and_the_rest(client: httpx.AsyncClient, world: World) -> None:
    rows = world.add_series("course_4821", "Shop", "2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z", WEEKLY)
    second = f"{EVENTS}/{rows[1].id}"

    one = await client.put(
        second,
        json={
            "calendar_event": {"title": "Moved", "start_at": "2026-03-10T14:00:00Z", "end_at": "2026-03-10T15:00:00Z"}
        },
    )
    rule = await client.put(second, json={"calendar_event": {"rrule": "FREQ=DAILY;INTERVAL=1;COUNT=2"}})
    rest = await client.put(f"{EVENTS}/{rows[2].id}?which=following", json={"calendar_event": {"title": "Late shop"}})
    every = await client.put(
        f"{EVENTS}/{rows[0].id}?which=all",
        json={"calendar_event": {"start_at": "2026-03-02T16:00:00Z", "end_at": "2026-03-02T17:00:00Z"}},
    )
    bad = await client.put(f"{EVENTS}/{rows[0].id}?which=some", json={})

    assert (one.json()["title"], one.json()["series_uuid"]) == ("Moved", rows[0].series_uuid)
    assert (rule.status_code, rule.json()) == (400, {"message": "You may not update one event with a new schedule."})
    assert [row["title"] for row in rest.json()] == ["Late shop", "Late shop"]
    assert [row["start_at"] for row in every.json()] == [
        "2026-03-02T16:00:00Z",
        "2026-03-10T15:00:00Z",
        "2026-03-16T15:00:00Z",
        "2026-03-23T15:00:00Z",
    ]
    assert (bad.status_code, bad.json()) == (400, {"error": "Invalid parameter which='some'"})


async def test_moving_what_follows_splits_the_series(client: httpx.AsyncClient, world: World) -> None:
    rows = world.add_series("course_4821", "Shop", "2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z", WEEKLY)
    first = rows[0].series_uuid

    answer = await client.put(
        f"{EVENTS}/{rows[2].id}?which=following",
        json={"calendar_event": {"start_at": "2026-03-17T14:00:00Z", "end_at": "2026-03-17T15:00:00Z"}},
    )
    from_middle = await client.put(
        f"{EVENTS}/{rows[1].id}?which=all", json={"calendar_event": {"start_at": "2026-03-11T14:00:00Z"}}
    )

    assert [row["start_at"] for row in answer.json()] == ["2026-03-17T14:00:00Z", "2026-03-24T14:00:00Z"]
    assert [row.series_uuid == first for row in rows] == [True, True, False, False]
    assert from_middle.status_code == 400


async def test_a_new_rule_makes_the_rows_anew(client: httpx.AsyncClient, world: World) -> None:
    rows = world.add_series("course_4821", "Shop", "2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z", WEEKLY)

    answer = await client.put(
        f"{EVENTS}/{rows[0].id}?which=all", json={"calendar_event": {"rrule": "FREQ=DAILY;INTERVAL=2;COUNT=2"}}
    )

    assert [row["start_at"] for row in answer.json()] == ["2026-03-02T15:00:00Z", "2026-03-04T15:00:00Z"]
    assert [row.state for row in rows] == ["active", "active", "deleted", "deleted"]


async def test_deleted_events_leave_lists_and_answer_alone(client: httpx.AsyncClient, world: World) -> None:
    plain = world.add_event("course_4821", "Plain", "2026-03-01T15:00:00Z")
    rows = world.add_series("course_4821", "Shop", "2026-03-02T15:00:00Z", "2026-03-02T16:00:00Z", WEEKLY)

    alone = (await client.delete(f"{EVENTS}/{plain.id}?cancel_reason=ice")).json()
    one = (await client.delete(f"{EVENTS}/{rows[0].id}")).json()
    following = (await client.delete(f"{EVENTS}/{rows[2].id}?which=following")).json()

    assert alone["workflow_state"] == "deleted"
    assert ([row["id"] for row in one], [row["id"] for row in following]) == ([rows[0].id], [rows[2].id, rows[3].id])
    assert await _titles(client, f"{YEAR}&context_codes[]=course_4821") == ["Shop"]
    assert (await client.get(f"{EVENTS}/{plain.id}")).json()["workflow_state"] == "deleted"
    assert (await client.delete(f"{EVENTS}/{plain.id}")).status_code == 404


async def test_section_times_are_written_with_the_event(client: httpx.AsyncClient, world: World) -> None:
    data = {
        "0": {
            "context_code": "course_section_992",
            "start_at": "2026-03-02T15:00:00Z",
            "end_at": "2026-03-02T16:00:00Z",
        }
    }

    made = await _create(client, title="Lab", child_event_data=data)
    moved = await client.put(f"{EVENTS}/{made.json()['id']}", json={"calendar_event": {"context_code": "user_7"}})

    assert (made.json()["hidden"], made.json()["child_events"][0]["title"]) == (True, "Lab (B)")
    assert (made.json()["start_at"], moved.status_code) == ("2026-03-02T15:00:00Z", 400)


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=DAILY;INTERVAL=10;UNTIL=20260325T000000Z", ["03-02", "03-12", "03-22"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4", ["03-02", "03-04", "03-16", "03-18"]),
        ("FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR;COUNT=3", ["03-27", "04-24", "05-29"]),
        ("FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU;COUNT=2", ["03-10", "04-14"]),
        ("FREQ=YEARLY;INTERVAL=1;COUNT=2", ["03-02", "03-02"]),
    ],
)
def test_rules_expand_on_the_wall_clock(rule: str, starts: list[str]) -> None:
    first = local("2026-03-02T15:00:00Z", "America/Chicago")

    found = occurrences(read_rule(rule), first)

    assert [moment.strftime("%m-%d") for moment in found] == starts
    assert {moment.strftime("%H:%M") for moment in found} == {"09:00"}
