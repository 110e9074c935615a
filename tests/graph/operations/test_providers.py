"""Connecting Canvas instances: sealed keys, checks in words, switches, news."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.models import AuditEntry, Provider, User
from domain.enums import ProviderState, Role
from domain.refs import FacilityRef, ProviderRef
from graph.schema import schema
from loaders.bus import News
from loaders.kinds import ACCOUNT, COURSES
from sandbox.behaviour import DEFAULT_TOKEN
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid

ERRORS = "errors { __typename ... on UserError { message path } }"
CREATE = f"mutation ($input: CreateProviderInput!) {{ createProvider(input: $input) {{ provider {{ id name state baseUrl hasAccessKey accessKeyFingerprint facilities {{ name }} }} {ERRORS} }} }}"
UPDATE = f"mutation ($input: UpdateProviderInput!) {{ updateProvider(input: $input) {{ provider {{ id name state facilities {{ name }} }} {ERRORS} }} }}"
TEST = f"mutation ($input: TestProviderInput!) {{ testProvider(input: $input) {{ ok checks {{ name ok required message }} {ERRORS} }} }}"
REFRESH = f"mutation ($input: RefreshProviderInput!) {{ refreshProvider(input: $input) {{ provider {{ freshness {{ state fetchedAt }} }} {ERRORS} }} }}"
GIVEN = {
    "name": "State College",
    "baseUrl": "https://canvas.example.org/",
    "accountId": "1",
    "accessKey": " secret-key-1\n",
}


@pytest.fixture
async def admin(house: House) -> User:
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


def world() -> World:
    made = World()
    course = made.add_course("Algebra")
    made.enrol(course.id, made.add_user("Sam Reed").id)
    return made


async def one_error(house: House, viewer: User, query: str, given: dict[str, Any]) -> tuple[str, list[str] | None]:
    data = await house.data(query, viewer, input=given)
    (payload,) = data.values()
    (error,) = payload["errors"]
    return error["__typename"], error["path"]


async def test_a_key_is_trimmed_sealed_and_never_shown(house: House, admin: User) -> None:
    """P-02, W-30, W-35."""
    data = await house.data(CREATE, admin, input=GIVEN)
    provider = data["createProvider"]["provider"]
    assert (provider["baseUrl"], provider["hasAccessKey"], provider["facilities"]) == (
        "https://canvas.example.org",
        True,
        None,
    )
    assert len(provider["accessKeyFingerprint"]) == 4
    row = await Provider.get()
    assert "secret-key-1" not in str(row.sealed_access_key)
    keyring = house.engine.canvases.keyring
    assert keyring.unseal(row.sealed_access_key or "", f"provider:{row.id}") == "secret-key-1"
    entry = await AuditEntry.get()
    assert "secret-key-1" not in f"{entry.before}{entry.after}{data}"


@pytest.mark.parametrize(
    ("given", "error", "path"),
    [
        ({"baseUrl": "http://8.8.8.8"}, "InvalidInputError", ["baseUrl"]),
        ({"baseUrl": "https://user@canvas.example.org"}, "InvalidInputError", ["baseUrl"]),
        ({"baseUrl": "https://canvas.example.org/path"}, "InvalidInputError", ["baseUrl"]),
        ({"baseUrl": "https://10.0.0.1"}, "InvalidInputError", ["baseUrl"]),
        ({"baseUrl": "https://[::ffff:169.254.169.254]"}, "InvalidInputError", ["baseUrl"]),
        ({"accessKey": " \n"}, "InvalidInputError", ["accessKey"]),
        ({"name": ""}, "InvalidInputError", ["name"]),
        ({"accountId": "../1"}, "InvalidInputError", ["accountId"]),
        ({"facilityIds": [gid(FacilityRef(99))]}, "NotFoundError", ["facilityIds"]),
    ],
)
async def test_what_cannot_be_used_is_said(
    house: House, admin: User, given: dict[str, Any], error: str, path: list[str]
) -> None:
    assert await one_error(house, admin, CREATE, GIVEN | given) == (error, path)
    assert await Provider.all().count() == 0


async def test_only_department_admins_manage_providers(house: House) -> None:
    viewer = await factories.user(role=Role.FACILITY_ADMIN, facility=await factories.facility())
    row = await house.canvas(world())
    for query, given in (
        (CREATE, GIVEN),
        (UPDATE, {"id": gid(ProviderRef(row.id)), "name": "X"}),
        (TEST, {"id": gid(ProviderRef(row.id))}),
        (REFRESH, {"id": gid(ProviderRef(row.id))}),
    ):
        assert (await one_error(house, viewer, query, given))[0] == "NotAllowedError"
    assert house.calls(row) == []


async def test_another_canvas_needs_its_key_and_no_links(house: House, admin: User) -> None:
    row = await house.canvas(world(), name="State College")
    move = {"id": gid(ProviderRef(row.id)), "baseUrl": "https://other.example.org"}
    assert await one_error(house, admin, UPDATE, move) == ("InvalidInputError", ["accessKey"])
    link = await factories.link(provider=row)
    assert (await one_error(house, admin, UPDATE, move | {"accessKey": "k"}))[0] == "DifferentCanvasError"
    link.unlinked_at = house.clock()
    await link.save()
    data = await house.data(UPDATE, admin, input=move | {"accessKey": "k"})
    assert data["updateProvider"]["errors"] == []
    assert (await Provider.get(id=row.id)).base_url == "https://other.example.org"


async def test_a_taken_name_is_refused(house: House, admin: User) -> None:
    await house.canvas(world(), name="State College")
    assert await one_error(house, admin, CREATE, GIVEN | {"name": "state college"}) == ("NameTakenError", ["name"])


async def test_a_provider_is_switched_on_by_facility_and_off_for_good(house: House, admin: User) -> None:
    """P-05, W-36: off means no row, no count and no request."""
    north, south = await factories.facility(name="North"), await factories.facility(name="South")
    row = await house.canvas(world(), name="State College")
    given = {"id": gid(ProviderRef(row.id)), "facilityIds": [gid(FacilityRef(north.id))]}
    data = await house.data(UPDATE, admin, input=given)
    assert data["updateProvider"]["provider"]["facilities"] == [{"name": "North"}]
    house.forget_calls()
    outside = await factories.user(role=Role.FACILITY_ADMIN, facility=south)
    query = "{ providers { name } programs { nodes { name } } classes { totalCount sources { state } } }"
    assert await house.data(query, outside) == {
        "providers": [],
        "programs": {"nodes": []},
        "classes": {"totalCount": 0, "sources": []},
    }
    assert house.calls(row) == []
    inside = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    assert (await house.data(query, inside))["classes"]["totalCount"] == 1
    data = await house.data(UPDATE, admin, input={"id": given["id"], "everywhere": True, "state": "DISABLED"})
    assert (data["updateProvider"]["provider"]["facilities"], data["updateProvider"]["provider"]["state"]) == (
        None,
        "DISABLED",
    )
    house.forget_calls()
    assert (await house.data(query, inside))["providers"] == []
    listed = await house.data("{ providers(states: [DISABLED]) { name freshness { state } } }", admin)
    assert listed["providers"] == [{"name": "State College", "freshness": {"state": "DISABLED"}}]
    assert house.calls(row) == []


async def test_everything_homeroom_needs_is_tried(house: House, admin: User) -> None:
    row = await house.canvas(world())
    data = await house.data(TEST, admin, input={"id": gid(ProviderRef(row.id))})
    assert data["testProvider"]["ok"] is True
    names = [check["name"] for check in data["testProvider"]["checks"]]
    assert names == [
        "reachability",
        "accessKey",
        "account",
        "courses",
        "people",
        "enrollments",
        "rosters",
        "calendar",
        "groups",
    ]


@pytest.mark.parametrize(
    ("switch", "value", "name", "ok"),
    [
        ("revoked_tokens", [DEFAULT_TOKEN], "accessKey", False),
        ("has_graphql", False, "rosters", True),
        ("denied_rights", ["read_course_list"], "courses", False),
        ("denied_rights", ["read_roster"], "enrollments", False),
    ],
)
async def test_what_fails_is_named_with_its_fix(
    house: House, admin: User, switch: str, value: Any, name: str, ok: bool
) -> None:
    row = await house.canvas(world())
    setattr(house.sandboxes[row.id].state.behaviour, switch, value)
    data = await house.data(TEST, admin, input={"id": gid(ProviderRef(row.id))})
    failed = next(check for check in data["testProvider"]["checks"] if not check["ok"])
    assert (failed["name"], data["testProvider"]["ok"]) == (name, ok)
    assert len(failed["message"]) > 30


async def test_a_dead_canvas_is_not_reachable(house: House, admin: User) -> None:
    row = await house.canvas(world())
    house.hosts.apps.clear()
    data = await house.data(TEST, admin, input={"id": gid(ProviderRef(row.id))})
    assert [(c["name"], c["ok"]) for c in data["testProvider"]["checks"]] == [("reachability", False)]


async def test_a_refresh_reads_again_and_keeps_what_was_known(house: House, admin: User) -> None:
    row = await house.canvas(world(), name="State College")
    names = "{ classes { nodes { name } sources { state errorCode } } }"
    await house.data(names, admin)
    house.sandboxes[row.id].state.world.add_course("Botany")
    assert len((await house.data(names, admin))["classes"]["nodes"]) == 1
    data = await house.data(REFRESH, admin, input={"id": gid(ProviderRef(row.id))})
    assert data["refreshProvider"]["provider"]["freshness"]["state"] == "FRESH"
    assert len((await house.data(names, admin))["classes"]["nodes"]) == 2
    house.hosts.apps.clear()
    house.clock.pass_(seconds=1)
    await house.data(REFRESH, admin, input={"id": gid(ProviderRef(row.id))})
    kept = (await house.data(names, admin))["classes"]
    assert (len(kept["nodes"]), kept["sources"][0]["state"]) == (2, "STALE")
    await house.engine.facts.refresh(COURSES, row.id, [ACCOUNT])
    kept = (await house.data(names, admin))["classes"]
    assert (len(kept["nodes"]), kept["sources"]) == (2, [{"state": "STALE", "errorCode": "UNAVAILABLE"}])


async def test_a_subscriber_hears_that_a_provider_has_been_read(house: House, admin: User) -> None:
    row = await house.canvas(world(), name="State College")
    house.engine.facts.lifetimes = type(house.engine.facts.lifetimes)(
        **{
            **{f: getattr(house.engine.facts.lifetimes, f) for f in ("fresh", "stale", "failure")},
            "cold_wait": house.clock() - house.clock(),
        }
    )
    query = "subscription ($id: ID!) { sourceUpdated(providerId: $id) { state expected provider { name } } }"
    stream: Any = await schema.subscribe(
        query, {"id": gid(ProviderRef(row.id))}, context_value=await house.context(admin)
    )
    first = await asyncio.wait_for(anext(stream), 5)
    assert first.data["sourceUpdated"]["state"] == "LOADING"
    second = await asyncio.wait_for(anext(stream), 5)
    assert second.data["sourceUpdated"] == {"state": "FRESH", "expected": 1, "provider": {"name": "State College"}}
    await stream.aclose()


async def test_what_changes_while_the_first_state_is_on_its_way_is_told_too(house: House, admin: User) -> None:
    row = await house.canvas(world())
    facts = house.engine.facts
    await facts.refresh(COURSES, row.id, [ACCOUNT])
    query = "subscription ($id: ID!) { sourceUpdated(providerId: $id) { state } }"
    stream: Any = await schema.subscribe(
        query, {"id": gid(ProviderRef(row.id))}, context_value=await house.context(admin)
    )
    first = await asyncio.wait_for(anext(stream), 5)
    house.hosts.apps.clear()
    house.clock.pass_(seconds=1)
    await facts.expire(row.id)
    await facts.refresh(COURSES, row.id, [ACCOUNT])
    second = await asyncio.wait_for(anext(stream), 5)
    assert [told.data["sourceUpdated"]["state"] for told in (first, second)] == ["FRESH", "STALE"]
    await stream.aclose()


async def test_trying_in_vain_once_more_is_no_news(house: House, admin: User) -> None:
    """Or else pages that ask again after each piece of news would keep themselves busy for a whole outage."""
    row = await house.canvas(world())
    facts = house.engine.facts
    house.hosts.apps.clear()
    await facts.refresh(COURSES, row.id, [ACCOUNT])
    query = "subscription ($id: ID!) { sourceUpdated(providerId: $id) { state retryAfter } }"
    stream: Any = await schema.subscribe(
        query, {"id": gid(ProviderRef(row.id))}, context_value=await house.context(admin)
    )
    first = (await asyncio.wait_for(anext(stream), 5)).data
    assert first == {"sourceUpdated": {"state": "FAILED", "retryAfter": "PT15S"}}
    more = asyncio.create_task(anext(stream))
    await asyncio.sleep(0)
    house.clock.pass_(seconds=10)
    await facts.bus.publish(News("facts", row.id, (f"v1:{row.id}:courses:account",)))
    done, _ = await asyncio.wait([more], timeout=1)
    assert done == set()
    more.cancel()


async def test_nobody_follows_a_provider_that_is_off_for_them(house: House, admin: User) -> None:
    row = await house.canvas(world(), state=ProviderState.DISABLED)
    query = "subscription ($id: ID!) { sourceUpdated(providerId: $id) { state } }"
    stream: Any = await schema.subscribe(
        query, {"id": gid(ProviderRef(row.id))}, context_value=await house.context(admin)
    )
    first = await asyncio.wait_for(anext(stream), 5)
    assert [error.extensions["code"] for error in first.errors] == ["BAD_ID"]


async def test_a_subscription_ends_when_the_viewer_may_not_see_the_provider_any_more(house: House) -> None:
    north, south = await factories.facility(), await factories.facility()
    row = await house.canvas(world(), facility_limited=True)
    await factories.provider_facility(provider=row, facility=north)
    viewer = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    query = "subscription ($id: ID!) { sourceUpdated(providerId: $id) { state } }"
    stream: Any = await schema.subscribe(
        query, {"id": gid(ProviderRef(row.id))}, context_value=await house.context(viewer)
    )
    assert (await asyncio.wait_for(anext(stream), 5)).data == {"sourceUpdated": {"state": "FRESH"}}
    viewer.facility = south
    await viewer.save()
    ended = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    await house.engine.facts.expire(row.id)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(ended, 5)
