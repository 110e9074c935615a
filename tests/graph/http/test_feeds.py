"""Calendar feeds: an address is the right to read, until it is revoked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from db.models import AuditEntry, Provider, User
from domain.enums import Role
from domain.refs import FacilityRef, UserRef
from graph.http import feeds
from sandbox.behaviour import Behaviour
from sandbox.world import World
from tests import factories
from tests.support.calendar import linked, world_of
from tests.support.house import NOON, House, gid
from tests.support.ical import read, sessions

CREATE = """mutation($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) {
  feed { id path url revokedAt user { id } facility { id } } errors { __typename } } }"""
REVOKE = "mutation($input: RevokeCalendarFeedInput!) { revokeCalendarFeed(input: $input) { feed { revokedAt } errors { __typename } } }"


@pytest_asyncio.fixture
async def web(house: House) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=feeds.routes())
    app.state.engine = house.engine
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://homeroom") as client:
        yield client


async def test_a_feed_holds_both_sources_at_the_same_instants_as_the_calendar(
    house: House, web: httpx.AsyncClient
) -> None:
    north = await factories.facility(name="North", time_zone="America/Denver")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    welding = await factories.school_class(name="Welding; arc, gas", facility=north)
    weekly = await factories.class_event(
        school_class=welding, starts_at=datetime(2026, 3, 3, 2, tzinfo=UTC), time_zone="America/Denver", rule="FREQ=WEEKLY;COUNT=3",
        ends_at=datetime(2026, 3, 17, 3, tzinfo=UTC),
    )  # fmt: skip
    await factories.event_override(event=weekly, occurrence="20260309T190000", reason="Storm")
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
    assert [
        (e.title, e.starts_at.isoformat(), e.ends_at.isoformat(), e.status)
        for e in found
        if isinstance(e.starts_at, datetime)
    ] == timed
    assert [(e.title, str(e.starts_at), str(e.ends_at)) for e in found if not isinstance(e.starts_at, datetime)] == [
        ("Day off", "2026-03-06", "2026-03-07")
    ]
    parts = read(answer.content).parts
    assert [part.text("TZID") for part in parts[:2]] == ["America/Denver", "America/New_York"]
    starts = {part.lines["DTSTART"][0].get("TZID") for part in parts[2:]}
    assert starts == {"America/Denver", "America/New_York", None}
    assert len({part.text("UID") for part in parts[2:]}) == 5


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
    assert [e.title for e in sessions((await web.get(feed["path"])).content)] == ["Mine"]
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
    assert [event.title for event in sessions(answer.content)] == ["Mine"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_course_that_canvas_refuses_for_good_does_not_keep_programs_from_keeping_the_rest(
    house: House, web: httpx.AsyncClient
) -> None:
    world, behaviour = world_of(2), Behaviour(throttling=False)
    behaviour.deny(next(iter(world.courses)), "read_calendar")
    await house.canvas(world, behaviour)
    viewer = await factories.user(role=Role.SYSTEM_ADMIN)
    north = await factories.facility()
    person = await factories.user(facility=north)
    await linked(house, world, await Provider.get(), person, "Sam Reed", *world.courses)
    path = await published(house, viewer, facilityId=gid(FacilityRef(north.id)))
    answer = await web.get(path)
    assert [event.title for event in sessions(answer.content)] == ["C1", "C1"]
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert (await web.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code == 304


UPDATE = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { errors { __typename } } }"
AWAY = "mutation($input: DeactivateUserInput!) { deactivateUser(input: $input) { errors { __typename } } }"
BACK = "mutation($input: ReactivateUserInput!) { reactivateUser(input: $input) { errors { __typename } } }"


async def published(house: House, viewer: User, **of: str) -> str:
    path: str = (await house.data(CREATE, viewer, input=of))["createCalendarFeed"]["feed"]["path"]
    return path


@pytest.mark.parametrize("loss", ["role", "place", "account"])
async def test_what_an_admin_published_of_others_ends_with_their_right_to_see_it(
    house: House, web: httpx.AsyncClient, loss: str
) -> None:
    north, south = await factories.facility(), await factories.facility()
    system = await factories.user(role=Role.SYSTEM_ADMIN)
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    sam = await factories.user(facility=north)
    facility, person = {"facilityId": gid(FacilityRef(north.id))}, {"userId": gid(UserRef(sam.id))}
    own = {"userId": gid(UserRef(admin.id))}
    theirs = [await published(house, admin, **of) for of in (facility, person)]
    kept = [await published(house, system, **facility), await published(house, sam, **person)]
    mine = await published(house, admin, **own)
    assert {(await web.get(path)).status_code for path in (*theirs, *kept, mine)} == {200}
    subject = gid(UserRef(admin.id))
    query, given = {
        "role": (UPDATE, {"role": "STUDENT"}),
        "place": (UPDATE, {"facilityId": gid(FacilityRef(south.id))}),
        "account": (AWAY, {}),
    }[loss]
    changed = await house.data(query, system, input={"id": subject, **given})
    assert [payload["errors"] for payload in changed.values()] == [[]]
    assert [(await web.get(path)).status_code for path in theirs] == [404, 404]
    assert [(await web.get(path)).status_code for path in kept] == [200, 200]
    assert (await web.get(mine)).status_code == (200 if loss == "role" else 404)
    entry = await AuditEntry.all().order_by("-id").first()
    assert entry is not None
    assert (entry.after or {})["revoked_feeds"] == (3 if loss == "place" else 2)
    again = {
        "role": (UPDATE, {"role": "FACILITY_ADMIN"}),
        "place": (UPDATE, {"facilityId": gid(FacilityRef(north.id))}),
    }
    query, given = again.get(loss, (BACK, {}))
    await house.data(query, system, input={"id": subject, **given})
    assert [(await web.get(path)).status_code for path in theirs] == [404, 404]
    assert (await web.get(mine)).status_code == (404 if loss == "place" else 200)


@pytest.mark.parametrize("changed", [{"role": Role.STUDENT}, {"deactivated_at": NOON}, {"facility_id": None}])
async def test_a_feed_asks_each_time_whether_its_maker_may_still_publish_it(
    house: House, web: httpx.AsyncClient, changed: dict[str, Any]
) -> None:
    """Whatever changed the person, and wherever."""
    north = await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    path = await published(house, admin, facilityId=gid(FacilityRef(north.id)))
    assert (await web.get(path)).status_code == 200
    await User.filter(id=admin.id).update(**changed)
    assert (await web.get(path)).status_code == 404


async def test_a_feed_that_somebody_made_of_another_shows_no_more_than_they_may_see(
    house: House, web: httpx.AsyncClient
) -> None:
    north, south = await factories.facility(), await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    head = await factories.user(role=Role.DEPARTMENT_ADMIN, facility=north)
    for facility, title in ((north, "Here"), (south, "Elsewhere")):
        taught = await factories.school_class(facility=facility)
        start = datetime(2026, 3, 3, 2, tzinfo=UTC)
        await factories.class_event(school_class=taught, title=title, starts_at=start, instructor=head)
    of_head = {"userId": gid(UserRef(head.id))}
    by_admin, by_head = await published(house, admin, **of_head), await published(house, head, **of_head)
    assert [event.title for event in sessions((await web.get(by_admin)).content)] == ["Here"]
    assert sorted(event.title for event in sessions((await web.get(by_head)).content)) == ["Elsewhere", "Here"]


async def test_a_program_that_has_the_calendar_already_is_told_so(house: House, web: httpx.AsyncClient) -> None:
    north = await factories.facility()
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    native = await factories.school_class(facility=north)
    event = await factories.class_event(school_class=native, starts_at=datetime(2026, 3, 3, 2, tzinfo=UTC))
    path = await published(house, admin, facilityId=gid(FacilityRef(north.id)))
    tag = (await web.get(path)).headers["etag"]
    house.clock.pass_(seconds=90)
    for sent in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        answer = await web.get(path, headers={"if-none-match": sent})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    event.title = "Moved to the gym"
    await event.save()
    answer = await web.get(path, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag
    assert [event.title for event in sessions(answer.content)] == ["Moved to the gym"]


async def test_the_hours_that_the_clocks_skip_and_repeat_are_the_same_instants_in_a_feed(
    house: House, web: httpx.AsyncClient
) -> None:
    """The first hour after a change is where a VTIMEZONE that begins too late shows."""
    north = await factories.facility(time_zone="America/New_York")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    native = await factories.school_class(facility=north)
    early = [datetime(2026, 3, 8, 6, 30, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(5)]
    late = [datetime(2026, 11, 1, 4, 30, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(5)]
    for at in (*early, *late):
        await factories.class_event(
            school_class=native, starts_at=at, ends_at=at + timedelta(hours=2), time_zone="America/New_York"
        )
    path = await published(house, admin, facilityId=gid(FacilityRef(north.id)))
    assert [event.starts_at for event in sessions((await web.get(path)).content)] == early
    house.clock.pass_(days=200)
    assert [event.starts_at for event in sessions((await web.get(path)).content)] == late
