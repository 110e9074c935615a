"""What an attacker would try: a token of a student or of one facility, a hostile Canvas, a curious admin."""

from __future__ import annotations

import asyncio
import base64
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock

import httpx
import pytest

from canvas.address import AddressNotAllowed
from canvas.calendar_events import list_events
from canvas.payloads import text
from canvas.web import _object
from db.models import ProviderLink, User
from domain.enums import Role, SyncKind
from domain.errors import BadIdError
from domain.refs import SyncRunRef, UserRef
from services import runs
from services.feeds import read_feed
from tests import factories
from tests.acceptance.estate import Estate, build
from tests.support.house import NOON, House, gid
from tests.support.mutations import ask


@pytest.fixture
async def estate(house: House) -> Estate:
    return await build(house)


async def test_confirming_a_pair_tells_nothing_of_people_elsewhere(house: House, estate: Estate) -> None:
    """Who is linked to which account is not to be found out by guessing: nobody elsewhere exists."""
    south = estate.ids["User", "south"]
    account = (await ProviderLink.get(user_id=estate.sides["south"].student.id)).external_user_id
    told = []
    for user, of in ((south, account), (south, estate.free_accounts["north"]), (gid(UserRef(99999)), account)):
        reply = await ask(
            house,
            estate.sides["north"].officer,
            "applyMatches",
            "outcomes { outcome user { id } link { id } error { __typename message path } }",
            providerId=estate.ids["Provider", "everywhere"],
            confirm=[{"canvasUserId": of, "userId": user}],
        )
        told.append(reply.subject["outcomes"])
    assert told[0] == told[1] == told[2]
    assert told[0][0]["error"]["__typename"] == "NotFoundError"


async def test_a_facility_admin_stops_no_pull_of_others(house: House, estate: Estate) -> None:
    """They see it, because they may join it; whoever asked for it relies on its end."""
    run = await factories.sync_run(kind=SyncKind.PULL_TEAMS, provider=estate.canvas, requested_by=estate.department)
    reply = await ask(house, estate.sides["north"].officer, "cancelSyncRun", "run { id }", id=gid(SyncRunRef(run.id)))
    assert reply.codes == ["NotAllowedError"]
    await run.refresh_from_db()
    assert (run.cancel_asked, run.finished_at) == (False, None)


async def test_a_zone_of_a_hostile_canvas_hides_no_class(house: House, estate: Estate) -> None:
    for course, zone in zip(
        estate.world.courses.values(), ("America", "x" * 300, "../etc/passwd", "\x00"), strict=True
    ):
        course.time_zone = zone
        course.start_at = "2026-01-05T06:00:00Z"
    found = await house.data("{ classes(first: 100) { nodes { startDate timeZone } } }", estate.department)
    assert len(found["classes"]["nodes"]) == 6


@pytest.mark.parametrize(
    "odd",
    [
        {"all_day": True, "all_day_date": "9999-12-31"},
        {"all_day": True, "all_day_date": "0001-01-01"},
        {"start_at": "0001-01-01T00:00:00+14:00", "end_at": None},
        {"start_at": "9999-12-31T23:59:59-12:00", "end_at": None},
    ],
)
async def test_an_impossible_day_in_canvas_hides_no_event(house: House, estate: Estate, odd: dict[str, object]) -> None:

    event = next(iter(estate.world.events.values()))
    for name, value in odd.items():
        setattr(event, name, value)
    query = "query C($s: Date!, $e: Date!) { calendar(start: $s, end: $e) { events { title } } }"
    found = await house.data(query, estate.department, s="2026-03-01", e="2026-03-08")
    assert [one["title"] for one in found["calendar"]["events"]].count("Meeting") >= 1
    assert len(found["calendar"]["events"]) >= 3


async def test_a_feed_ends_when_its_person_moves_to_another_facility(house: House, estate: Estate) -> None:
    """The admins of the former facility have its address, and may not see the person any more."""
    student = estate.sides["north"].student
    query = "{ calendarFeeds { path } }"
    (feed,) = (await house.data(query, estate.sides["north"].officer))["calendarFeeds"]
    token = feed["path"].removeprefix("/calendar/").removesuffix(".ics")
    assert await read_feed(house.engine, token) is not None
    await ask(
        house,
        estate.department,
        "updateUser",
        "user { id }",
        id=gid(UserRef(student.id)),
        facilityId=estate.ids["Facility", "south"],
    )
    assert await read_feed(house.engine, token) is None


async def test_odd_ids_and_cursors_are_refused_and_break_nothing(house: House, estate: Estate) -> None:
    def id_of(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    ids = [
        id_of(f"{kind}:native:{'9' * 30}") for kind in ("User", "Facility", "Team", "SyncRun", "AuditEntry", "PushPlan")
    ]
    ids += [id_of(f"CanvasClass:{'9' * 30}:1"), id_of("CanvasClass:1:../../x"), id_of(f"User:native:-{'9' * 30}")]
    found = await house.data("query N($ids: [ID!]!) { nodes(ids: $ids) { id } }", estate.department, ids=ids)
    assert found["nodes"] == [None] * len(ids)
    for key in (
        "AuditEntry:native:²",
        f"AuditEntry:native:{'9' * 30}",
        f"SyncRun:native:{'9' * 30}",
        "SyncRun:native:²",
        "²",
        "9" * 17,
    ):
        cursor = base64.urlsafe_b64encode(b"v1:" + f'["","{key}"]'.encode()).decode()
        for field in ("auditLog", "syncRuns", "users", "classes", "teams"):
            result = await house.run(f'{{ {field}(after: "{cursor}") {{ totalCount }} }}', estate.department)
            bad = {type(e.original_error).__name__ for e in result.errors or []}
            assert bad <= {"BadIdError"}, (field, key)


async def test_a_long_search_is_refused_or_answered(house: House, estate: Estate) -> None:
    long = "ab " * 3000
    for field in ("users", "classes", "programs", "teams"):
        result = await house.run(
            f"query S($t: String!) {{ {field}(filter: {{search: $t}}) {{ totalCount }} }}",
            estate.sides["north"].student,
            t=long,
        )
        assert {type(e.original_error).__name__ for e in result.errors or []} <= {"BadInputError"}, field


async def test_the_audit_log_of_a_facility_names_nobody_elsewhere(house: House, estate: Estate) -> None:
    """A class of the North with people of both: what is said of each is told at their own facility."""
    there = [side.student for side in estate.sides.values()]
    await ask(
        house,
        estate.department,
        "enrollUsers",
        "__typename",
        classId=estate.ids["NativeClass", "north"],
        userIds=[gid(UserRef(person.id)) for person in there],
    )
    house.clock.pass_(days=1)
    reply = await ask(
        house,
        estate.department,
        "recordAttendance",
        "__typename",
        eventId=estate.ids["NativeEvent", "north"],
        records=[{"userId": gid(UserRef(person.id)), "mark": "PRESENT"} for person in there],
    )
    assert reply.errors == []
    query = "{ auditLog(first: 100) { nodes { action after } } }"
    told = {}
    for name in ("officer", "foreigner"):
        nodes = (await house.data(query, estate.viewers[name]))["auditLog"]["nodes"]
        told[name] = [node["after"] for node in nodes if node["action"] in ("enrollUsers", "recordAttendance")]
    north, south = (person.id for person in there)
    assert told["officer"][0]["marks"] == {str(north): "PRESENT"}
    assert [row.get("marks", row.get("enrolled_user_ids")) for row in told["foreigner"]] == [
        {str(south): "PRESENT"},
        [south],
    ]


async def test_who_follows_a_run_is_told_no_more_when_their_scope_changes(house: House, estate: Estate) -> None:
    officer = estate.sides["north"].officer
    op = (await house.context(officer)).op
    run = await factories.sync_run(provider=estate.canvas, facility_id=officer.facility_id, kind=SyncKind.MATCH)
    heard = runs.updates(op, SyncRunRef(run.id))
    assert (await anext(heard)).current == 0
    await User.filter(id=officer.id).update(role=Role.STUDENT)
    run.current = 1
    await run.save()
    await runs.tell(house.engine, run.id, estate.canvas.id)
    async with asyncio.timeout(10):
        assert [row async for row in heard] == []


async def test_an_account_in_no_course_is_neither_shown_to_a_facility_admin_nor_linked(
    house: House, estate: Estate
) -> None:
    """It may be a Canvas admin's: the link would let a student whom they made up sign in as that admin."""
    boss = estate.world.add_user("Canvas Boss", login="boss", email="boss@state.example")
    fake = await factories.user(facility=estate.sides["north"].place, username="boss")
    given = {"userId": gid(UserRef(fake.id)), "providerId": estate.ids["Provider", "everywhere"]}
    officer = estate.sides["north"].officer
    selection = "link { id } errors { ... on LoginTakenError { account { name email } } }"
    taken = await ask(house, officer, "createCanvasAccount", selection, **given)
    assert (taken.codes, taken.errors[0]["account"]) == (["LoginTakenError"], None)
    linked = await ask(house, officer, "createCanvasAccount", "link { id }", **given, linkExisting=True)
    assert linked.codes == ["NotAllowedError"]
    assert not await ProviderLink.filter(external_user_id=str(boss.id)).exists()
    by_department = await ask(house, estate.department, "createCanvasAccount", selection, **given)
    assert by_department.errors[0]["account"] == {"name": "Canvas Boss", "email": "boss@state.example"}


async def test_an_address_of_canvas_that_is_no_web_address_is_left_out(house: House, estate: Estate) -> None:
    payload = {
        "id": 1,
        "start_at": "2026-03-02T18:00:00Z",
        "context_code": "course_1",
        "html_url": "javascript:alert(1)",
    }
    odd = [payload, {**payload, "id": 2, "start_at": "0001-01-01T00:00:00+14:00"}]
    canvas = SimpleNamespace(path=lambda template, *ids: template.format(*ids), get_all=AsyncMock(return_value=odd))
    (event,) = await list_events(cast("Any", canvas), ["1"], NOON, NOON)
    assert (event.id, event.url) == ("1", None)


async def test_a_sign_in_server_in_a_closed_network_is_a_plain_refusal(house: House, estate: Estate) -> None:
    """Whether a name inside our network resolves is not told apart from a server that is not there."""
    house.hosts.apps["inside.test"] = cast("Any", Closed())
    told = []
    for host in ("inside.test", "nowhere.test"):
        reply = await ask(
            house,
            estate.department,
            "recreateOidcClient",
            "__typename",
            providerId=estate.ids["Provider", "everywhere"],
            issuer=f"https://{host}",
        )
        told.append([(error["__typename"], error["message"]) for error in reply.errors])
    assert told[0] == told[1]
    assert [code for code, _ in told[0]] == ["UpstreamUnavailableError"]


class Closed:
    """Where a name leads to an address that may not be connected to."""

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        raise AddressNotAllowed("The address is in a network that is not allowed.")


def test_an_answer_nested_without_end_is_unreadable() -> None:
    assert _object(b"[" * 200_000) == {}


async def test_a_null_character_in_an_id_of_ours_or_in_a_name_of_canvas_breaks_nothing(
    house: House, estate: Estate
) -> None:
    """PostgreSQL takes none; those in plain sight are refused as tests/acceptance/test_odd_texts.py shows."""
    odd = base64.urlsafe_b64encode(b"CanvasClass:1:1\0").decode().rstrip("=")
    result = await house.run(f'{{ syncRuns(classId: "{odd}") {{ totalCount }} }}', estate.department)
    assert [type(error.original_error) for error in result.errors or []] == [BadIdError]
    assert text(" Nu\0ll ") == "Null"
