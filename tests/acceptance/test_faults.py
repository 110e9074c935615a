"""A Canvas in trouble: our own rows always, the right state, nothing failed counted as 0, no key in any log or answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from db.models import User
from domain.refs import CanvasClassRef, CanvasProgramRef
from loaders.kinds import ACCOUNT, COURSES
from sandbox.behaviour import DEFAULT_TOKEN, Fault
from tests import factories
from tests.acceptance.everything import SDL, selection
from tests.acceptance.quick import everything_logged, quick_house
from tests.acceptance.setting import Organisation, organisation
from tests.loaders.facts import settled
from tests.support.house import House, gid

LISTS = """
query Lists($class: ID!, $program: ID!) {
  programs { totalCount nodes { __typename name isActive freshness { state errorCode message retryAfter }
      metrics { classCount activeEnrollmentCount totalEnrollmentCount enrolledResidentCount completionRate } }
    sources { state errorCode message expected loaded } }
  classes { totalCount nodes { __typename name enrolledCount completedCount freshness { state errorCode }
      enrollmentsByFacility { enrolledCount } roster { totalCount nodes { id } sources { state errorCode expected loaded } } }
    sources { state errorCode message expected loaded } }
  users(filter: {role: STUDENT}) { totalCount nodes { enrollments { totalCount sources { state errorCode } } } }
  class(id: $class) { name } program(id: $program) { name metrics { activeEnrollmentCount } }
  providers { name freshness { state errorCode } linkedUserCount unlinkedStudentCount canvasUsers { totalCount } }
}
"""
WITHOUT_CANVAS = {
    "throttled with 429": ({"faults": [Fault(kind="throttle")]}, "THROTTLED"),
    "throttled with 403": ({"throttle_status": 403, "faults": [Fault(kind="throttle")]}, "THROTTLED"),
    "a burst of 500 without end": ({"faults": [Fault(status=500)]}, "UNAVAILABLE"),
    "a proxy's page with 502": ({"faults": [Fault(kind="html", status=502)]}, "UNAVAILABLE"),
    "a sign-in page with 200": ({"faults": [Fault(kind="html", status=200)]}, "UNREADABLE"),
    "half a body": ({"faults": [Fault(kind="half")]}, "UNREADABLE"),
    "an object where a list belongs": ({"faults": [Fault(kind="body", status=200, body="{}")]}, "UNREADABLE"),
    "connections that end at once": ({"faults": [Fault(kind="dead")]}, "UNAVAILABLE"),
    "no answer": ({"faults": [Fault(kind="hang")]}, "TIMEOUT"),
    "a revoked key": ({"revoked_tokens": [DEFAULT_TOKEN]}, "ACCESS_KEY_REFUSED"),
    "an expired key": ({"expired_tokens": [DEFAULT_TOKEN]}, "ACCESS_KEY_REFUSED"),
    "an unknown key": ({"tokens": {}}, "ACCESS_KEY_REFUSED"),
    "no right to the course list": ({"denied_rights": ["read_course_list"]}, "PERMISSION_MISSING"),
    "no right, said with 401": (
        {"forbidden_status": 401, "denied_rights": ["read_course_list"]},
        "PERMISSION_MISSING",
    ),
}
UNKNOWN = dict.fromkeys(
    ["classCount", "activeEnrollmentCount", "totalEnrollmentCount", "enrolledResidentCount", "completionRate"]
)


@pytest.fixture
async def house(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Without Redis: the pauses of a shared limiter take real time."""
    async with quick_house(monkeypatch, attempt_seconds=0.2) as opened:
        yield opened


@pytest.fixture
async def org(house: House) -> Organisation:
    """Three courses in Canvas with two linked people in each, and a native class with one of them."""
    org = await organisation(house, courses=3, students=4, per_course=2, linked=4)
    welding = await factories.school_class(
        name="Welding", facility=org.facilities[0], program=await factories.program(name="Trades")
    )
    await factories.enrollment(school_class=welding, user=org.linked[0])
    return org


def courses(org: Organisation) -> list[int]:
    return sorted(org.world.courses)


def behave(house: House, org: Organisation, **changes: Any) -> None:
    house.sandboxes[org.canvas.id].state.behaviour.change(changes)


async def lists(house: House, org: Organisation, viewer: User | None = None) -> Any:
    """The lists, answered without an error."""
    ids = {"class": CanvasClassRef(org.canvas.id, str(courses(org)[0])), "program": CanvasProgramRef(org.canvas.id)}
    return await house.data(LISTS, viewer or org.admin, **{name: gid(ref) for name, ref in ids.items()})


async def failed(house: House, org: Organisation) -> None:
    """Wait until the course list's failure is known."""
    facts = house.engine.facts
    await settled(lambda: facts.peek(COURSES, org.canvas.id, [ACCOUNT])[ACCOUNT].freshness.error_code)


@pytest.mark.parametrize("trouble", [*WITHOUT_CANVAS, "a host that is gone"])
async def test_a_cold_canvas_in_trouble_leaves_our_own_and_says_why(
    house: House, org: Organisation, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    """P-24, D-05, AC-16, W-09: FAILED, no zeros, and nobody's access key, name or e-mail in a log or an answer (AC-19)."""
    changes, code = WITHOUT_CANVAS.get(trouble, ({}, "UNAVAILABLE"))
    behave(house, org, **changes)
    if trouble == "a host that is gone":
        house.hosts.apps.clear()
    with everything_logged(caplog) as lines:
        data = await lists(house, org)
        await failed(house, org)
        data = await lists(house, org)

    assert data["classes"]["totalCount"] is None
    assert data["programs"]["totalCount"] == 2
    (welding,) = data["classes"]["nodes"]
    assert (welding["name"], welding["enrolledCount"], welding["roster"]["totalCount"]) == ("Welding", 1, 1)
    (source,) = data["classes"]["sources"]
    assert (source["state"], source["errorCode"], source["expected"], source["loaded"]) == ("FAILED", code, None, 0)
    assert source["message"]
    state, trades = data["programs"]["nodes"]
    assert (state["metrics"], state["freshness"]["state"], state["freshness"]["errorCode"]) == (UNKNOWN, "FAILED", code)
    assert (trades["metrics"]["activeEnrollmentCount"], trades["freshness"]["state"]) == (1, "FRESH")
    assert data["class"] is None
    assert data["program"] == {"name": "State College", "metrics": {"activeEnrollmentCount": None}}
    assert [node["enrollments"]["totalCount"] for node in data["users"]["nodes"]] == [None] * len(org.linked)
    assert {source["state"] for node in data["users"]["nodes"] for source in node["enrollments"]["sources"]} == {
        "FAILED"
    }
    (provider,) = data["providers"]
    assert provider["linkedUserCount"] == len(org.linked)
    assert (provider["unlinkedStudentCount"], provider["canvasUsers"]["totalCount"]) == (None, None)
    kept_quiet(org, lines, data)


def kept_quiet(org: Organisation, lines: list[str], *answers: Any) -> None:
    """No key anywhere, and no person in the log."""
    said = "\n".join(lines)
    assert "fetch.failed" in said
    told = b"\n".join(orjson.dumps(answer, default=str) for answer in answers).decode()
    assert DEFAULT_TOKEN not in said + told
    assert "Bearer" not in said + told
    people = [account.name for account in org.world.users.values()] + [user.username for user in org.linked]
    assert [name for name in people if name in said] == []
    assert "@" not in said


@pytest.mark.parametrize("trouble", WITHOUT_CANVAS)
async def test_what_was_read_before_the_trouble_is_served_stale_with_the_reason(
    house: House, org: Organisation, trouble: str
) -> None:
    """D-05: not FAILED, for there is data."""
    before = await lists(house, org)
    assert before["classes"]["sources"][0]["state"] == "FRESH"
    house.clock.pass_(minutes=6)
    changes, code = WITHOUT_CANVAS[trouble]
    behave(house, org, **changes)
    await lists(house, org)
    await failed(house, org)
    after = await lists(house, org)
    (source,) = after["classes"]["sources"]
    assert (source["state"], source["errorCode"], source["expected"], source["loaded"]) == ("STALE", code, 3, 3)
    assert [node["enrolledCount"] for node in after["classes"]["nodes"]] == [2, 2, 2, 1]
    assert after["programs"]["nodes"][0]["metrics"] == before["programs"]["nodes"][0]["metrics"]
    assert after["class"] == before["class"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="throttle", times=3),
        Fault(status=500, times=2),
        Fault(kind="html", status=503, times=2),
        Fault(kind="dead", times=2),
        Fault(kind="hang", times=1, path="courses"),
    ],
    ids=lambda fault: fault.kind,
)
async def test_trouble_that_passes_is_ridden_out(house: House, org: Organisation, fault: Fault) -> None:
    """W-07: tried again within a budget, and nobody notices."""
    behave(house, org, faults=[fault])
    data = await lists(house, org)
    assert data["classes"]["sources"] == [
        {"state": "FRESH", "errorCode": None, "message": None, "expected": 3, "loaded": 3}
    ]
    assert [node["enrolledCount"] for node in data["classes"]["nodes"]] == [2, 2, 2, 1]


async def test_a_next_link_to_another_host_is_not_followed_there(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-27."""
    async with quick_house(monkeypatch) as house:
        org = await organisation(house, courses=250, per_course=0, linked=0)
        behave(house, org, faults=[Fault(kind="foreign_next", host="thief.example")])
        data = await house.data("{ classes { totalCount sources { state } } }", org.admin)
        assert data["classes"] == {"totalCount": 250, "sources": [{"state": "FRESH"}]}
        assert house.hosts.asked == {org.canvas.base_url.removeprefix("https://")}


async def test_a_course_refused_for_good_is_left_out_of_sums_and_counted(house: House, org: Organisation) -> None:
    """D-09b."""
    refused = courses(org)[0]
    house.sandboxes[org.canvas.id].state.behaviour.deny(refused, "read_roster")
    data = await lists(house, org)
    (source,) = data["classes"]["sources"]
    assert (source["state"], source["errorCode"], source["expected"], source["loaded"]) == ("FRESH", None, 3, 2)
    rows = {node["name"]: node for node in data["classes"]["nodes"]}
    row = rows[org.world.courses[refused].name]
    assert (row["enrolledCount"], row["completedCount"], row["enrollmentsByFacility"]) == (None, None, None)
    assert row["roster"] == {
        "totalCount": None,
        "nodes": [],
        "sources": [{"state": "FAILED", "errorCode": "PERMISSION_MISSING", "expected": 1, "loaded": 0}],
    }
    assert row["freshness"] == {"state": "FAILED", "errorCode": "PERMISSION_MISSING"}
    metrics = data["programs"]["nodes"][0]["metrics"]
    assert (metrics["classCount"], metrics["activeEnrollmentCount"]) == (3, 4)


async def test_a_course_failing_just_now_makes_the_sums_over_it_unknown(house: House, org: Organisation) -> None:
    """D-09b, P-35: nothing failed is ever 0."""
    broken = courses(org)[1]
    path = f"/courses/{broken}/enrollments"
    behave(house, org, has_graphql=False, faults=[Fault(path=path)])
    data = await lists(house, org)
    (source,) = data["classes"]["sources"]
    assert (source["state"], source["expected"], source["loaded"]) == ("FRESH", 3, 2)
    rows = {node["name"]: node for node in data["classes"]["nodes"]}
    row = rows.pop(org.world.courses[broken].name)
    assert (row["enrolledCount"], row["freshness"]["state"]) == (None, "FAILED")
    assert [row["enrolledCount"] for row in rows.values()] == [2, 2, 1]
    metrics = data["programs"]["nodes"][0]["metrics"]
    assert metrics == {**UNKNOWN, "classCount": 3}
    assert data["providers"][0]["unlinkedStudentCount"] is None

    behave(house, org, faults=[])
    house.clock.pass_(seconds=15)
    assert (await lists(house, org))["programs"]["nodes"][0]["metrics"]["activeEnrollmentCount"] == 6


async def test_a_slow_canvas_answers_loading_within_the_cold_wait_and_data_later(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-16, P-22: every page of a cold homeroom in front of a Canvas that takes ten seconds an answer."""
    async with quick_house(monkeypatch, attempt_seconds=30, cold_wait_seconds=0.05) as house:
        org = await organisation(house, courses=3, students=4, per_course=2, linked=4)
        await factories.school_class(name="Welding", facility=org.facilities[0])
        behave(house, org, latency_ms=10_000)
        async with asyncio.timeout(5):
            data = await lists(house, org)
        (source,) = data["classes"]["sources"]
        assert (source["state"], source["message"]) == ("LOADING", "Syncing from Canvas…")
        assert ([node["name"] for node in data["classes"]["nodes"]], data["classes"]["totalCount"]) == (
            ["Welding"],
            None,
        )
        assert data["programs"]["nodes"][1]["freshness"]["state"] == "LOADING"
        assert data["programs"]["nodes"][1]["metrics"] == UNKNOWN
        assert {s["state"] for n in data["users"]["nodes"] for s in n["enrollments"]["sources"]} == {"LOADING"}


async def test_loading_becomes_data_by_itself(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-10: never an endless LOADING, and no second request for what is under way."""
    async with quick_house(monkeypatch, attempt_seconds=30, cold_wait_seconds=0.05) as house:
        org = await organisation(house, courses=3, students=4, per_course=2, linked=4)
        behave(house, org, latency_ms=150)
        states = set()
        async with asyncio.timeout(5):
            while True:
                (source,) = (await lists(house, org))["classes"]["sources"]
                states.add(source["state"])
                if source["state"] == "FRESH" and source["loaded"] == 3:
                    break
        assert states == {"LOADING", "FRESH"}
        assert len([path for _, path in house.calls(org.canvas) if path.endswith("accounts/1/courses")]) == 1


@pytest.mark.parametrize("trouble", ["a burst of 500 without end", "half a body"])
async def test_everything_there_is_answers_without_an_error(house: House, org: Organisation, trouble: str) -> None:
    """AC-16, AC-17: every field of the schema, for every role, with an empty cache and a Canvas in trouble."""
    behave(house, org, **WITHOUT_CANVAS[trouble][0])
    document = f"{{ {selection(SDL.query_type, 2)} }}"
    for viewer in (org.admin, org.linked[0]):
        result = await house.run(document, viewer)
        assert result.errors is None, result.errors
        assert DEFAULT_TOKEN not in orjson.dumps(result.data, default=str).decode()
