"""Calendar feeds: an address is the right to read, until it is revoked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import icalendar
import pytest_asyncio
from starlette.applications import Starlette

from domain.enums import Role
from domain.refs import FacilityRef, UserRef
from graph.http import feeds
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid

CREATE = """mutation($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) {
  feed { id path url revokedAt user { id } facility { id } } errors { __typename } } }"""
REVOKE = "mutation($input: RevokeCalendarFeedInput!) { revokeCalendarFeed(input: $input) { feed { revokedAt } errors { __typename } } }"


@pytest_asyncio.fixture
async def web(house: House) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=feeds.routes())
    app.state.engine = house.engine
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://homeroom") as client:
        yield client


def sessions(content: bytes) -> list[tuple[str, datetime, datetime, str]]:
    """Title, start, end and status of every event, as a third-party parser reads them."""
    calendar = icalendar.Calendar.from_ical(content)
    found = [
        (str(e["summary"]), e.decoded("dtstart"), e.decoded("dtend"), str(e["status"])) for e in calendar.walk("VEVENT")
    ]
    assert {zone["tzid"] for zone in calendar.walk("VTIMEZONE")} >= {
        e["dtstart"].params["tzid"] for e in calendar.walk("VEVENT") if "tzid" in e["dtstart"].params
    }
    return found


async def test_a_feed_holds_both_sources_at_the_same_instants_as_the_calendar(
    house: House, web: httpx.AsyncClient
) -> None:
    north = await factories.facility(name="North", time_zone="America/Denver")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    welding = await factories.school_class(name="Welding; arc, gas", facility=north)
    await factories.class_event(
        school_class=welding, starts_at=datetime(2026, 3, 3, 2, tzinfo=UTC), time_zone="America/Denver", rule="FREQ=WEEKLY;COUNT=3",
        ends_at=datetime(2026, 3, 17, 3, tzinfo=UTC),
    )  # fmt: skip
    await factories.event_override(
        event=await welding.events.all().first(), occurrence="20260309T190000", reason="Storm"
    )  # type: ignore[attr-defined]
    world = World()
    course = world.add_course("Algebra", time_zone="America/New_York")
    world.add_event(f"course_{course.id}", "Exam", "2026-03-05T15:00:00Z", "2026-03-05T16:00:00Z")
    world.add_all_day(f"course_{course.id}", "Day off", datetime(2026, 3, 6, tzinfo=UTC).date())
    canvas = await house.canvas(world)
    account = world.add_user("Sam Reed")
    world.enrol(course.id, account.id)
    sam = await factories.user(facility=north)
    await factories.link(provider=canvas, user=sam, external_user_id=str(account.id))

    feed = (await house.data(CREATE, admin, input={"facilityId": gid(FacilityRef(north.id))}))["createCalendarFeed"][
        "feed"
    ]
    assert feed["facility"] == {"id": gid(FacilityRef(north.id))}
    answer = await web.get(feed["path"])

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["cache-control"] == "private, max-age=300"
    found = sessions(answer.content)
    query = (
        '{ calendar(start: "2026-02-02", end: "2026-06-30") { events { title startsAt endsAt allDay isCancelled } } }'
    )
    shown = (await house.data(query, admin))["calendar"]["events"]
    assert len(shown) == 5
    timed = [
        (e["title"], e["startsAt"], e["endsAt"], "CANCELLED" if e["isCancelled"] else "CONFIRMED")
        for e in shown
        if not e["allDay"]
    ]
    read = [
        (t, s.astimezone(UTC).isoformat(), e.astimezone(UTC).isoformat(), k)
        for t, s, e, k in found
        if isinstance(s, datetime)
    ]
    assert read == timed
    assert [(t, str(s), str(e)) for t, s, e, _ in found if not isinstance(s, datetime)] == [
        ("Day off", "2026-03-06", "2026-03-07")
    ]
    assert b"TZID=America/Denver" in answer.content
    assert b"TZID=America/New_York" in answer.content


async def test_a_person_s_feed_is_their_own_calendar_and_ends_when_revoked(
    house: House, web: httpx.AsyncClient
) -> None:
    north = await factories.facility()
    sam, ida = await factories.user(facility=north), await factories.user(facility=north)
    mine, hers = await factories.school_class(facility=north), await factories.school_class(facility=north)
    await factories.enrollment(school_class=mine, user=sam)
    for school_class, title in ((mine, "Mine"), (hers, "Hers")):
        await factories.class_event(
            school_class=school_class, title=title, starts_at=datetime(2026, 3, 3, 2, tzinfo=UTC)
        )
    feed = (await house.data(CREATE, sam, input={"userId": gid(UserRef(sam.id))}))["createCalendarFeed"]["feed"]
    assert [title for title, *_ in sessions((await web.get(feed["path"])).content)] == ["Mine"]
    assert (await house.data("{ calendarFeeds { id } }", sam))["calendarFeeds"] == [{"id": feed["id"]}]
    assert (await house.data("{ calendarFeeds { id } }", ida))["calendarFeeds"] == []
    stranger = await house.data(REVOKE, ida, input={"id": feed["id"]})
    assert [e["__typename"] for e in stranger["revokeCalendarFeed"]["errors"]] == ["NotFoundError"]
    revoked = await house.data(REVOKE, sam, input={"id": feed["id"]})
    assert revoked["revokeCalendarFeed"]["feed"]["revokedAt"] == "2026-03-02T18:00:00+00:00"
    assert (await web.get(feed["path"])).status_code == 404
    again = (await house.data(CREATE, sam, input={"userId": gid(UserRef(sam.id))}))["createCalendarFeed"]["feed"]
    assert again["path"] != feed["path"]
    sam.deactivated_at = datetime(2026, 3, 1, tzinfo=UTC)
    await sam.save()
    assert (await web.get(again["path"])).status_code == 404


async def test_an_address_cannot_be_guessed_or_altered(house: House, web: httpx.AsyncClient) -> None:
    north = await factories.facility()
    sam, ida = await factories.user(facility=north), await factories.user(facility=north)
    first = (await house.data(CREATE, sam, input={"userId": gid(UserRef(sam.id))}))["createCalendarFeed"]["feed"][
        "path"
    ]
    second = (await house.data(CREATE, ida, input={"userId": gid(UserRef(ida.id))}))["createCalendarFeed"]["feed"][
        "path"
    ]
    assert (await web.get(first)).status_code == 200
    head, _, tail = first.partition(".")
    swapped = f"{head}.{second.partition('.')[2]}"
    for path in (
        swapped,
        f"{head}.ics",
        f"{head}.{tail[1:]}",
        "/calendar/x.y.ics",
        "/calendar/99999999999.y.ics",
        "/calendar/²." + tail,
    ):
        answer = await web.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_who_may_publish_what(house: House) -> None:
    north, south = await factories.facility(), await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    sam, ida = await factories.user(facility=north), await factories.user(facility=south)

    async def errors(viewer: object, **given: str) -> list[str]:
        payload = (await house.data(CREATE, viewer, input=given))["createCalendarFeed"]  # type: ignore[arg-type]
        return [error["__typename"] for error in payload["errors"]]

    own, other = gid(UserRef(sam.id)), gid(UserRef(ida.id))
    assert await errors(sam, userId=other) == ["NotAllowedError"]
    assert await errors(sam, facilityId=gid(FacilityRef(north.id))) == ["NotAllowedError"]
    assert await errors(admin, userId=other) == ["NotFoundError"]
    assert await errors(admin, facilityId=gid(FacilityRef(south.id))) == ["NotFoundError"]
    assert await errors(admin) == ["InvalidInputError"]
    assert await errors(admin, userId=own, facilityId=gid(FacilityRef(north.id))) == ["InvalidInputError"]
    assert await errors(admin, userId=own) == []


async def test_a_feed_is_whole_or_is_kept_by_nobody(house: House, web: httpx.AsyncClient) -> None:
    north = await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    native = await factories.school_class(facility=north)
    await factories.class_event(school_class=native, title="Mine", starts_at=datetime(2026, 3, 3, 2, tzinfo=UTC))
    await house.canvas(World())
    feed = (await house.data(CREATE, admin, input={"facilityId": gid(FacilityRef(north.id))}))["createCalendarFeed"][
        "feed"
    ]
    house.hosts.apps.clear()
    answer = await web.get(feed["path"])
    assert [title for title, *_ in sessions(answer.content)] == ["Mine"]
    assert answer.headers["cache-control"] == "no-store"
