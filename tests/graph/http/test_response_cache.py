"""Answers that are already bytes: served again while everything they were made of stands, and never a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from graphql import get_named_type

from db.models import Program, User
from domain.enums import Role
from loaders.kinds import ACCOUNT, COURSES
from sandbox.world import World
from tests import factories
from tests.acceptance.everything import SDL, arguments, selection
from tests.support.databases import POSTGRES, execute
from tests.support.house import NOON
from tests.support.served import Served, served

PROGRAMS = "{ programs { totalCount nodes { name } } }"
CLASSES = "{ classes { nodes { name enrolledCount } sources { state } } }"
SHOW = {"cache": True}


@pytest.fixture(autouse=True)
def _shared(redis: str | None) -> None:
    if POSTGRES and redis is None:
        pytest.skip("off on PostgreSQL without Redis")


@pytest_asyncio.fixture
async def here(database_url: str, redis: str | None) -> AsyncIterator[Served]:
    async with served(database_url, redis) as opened:
        await _listening(opened)
        yield opened


@pytest_asyncio.fixture
async def admin(here: Served) -> User:
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


async def _listening(here: Served) -> None:
    async with asyncio.timeout(5):
        while not here.house.engine.bus.connected:  # noqa: ASYNC110  the bus has no event for it
            await asyncio.sleep(0.01)


async def hit(here: Served, viewer: User, query: str = PROGRAMS, **body: Any) -> bool:
    """Whether the answer came from the cache; it has no errors."""
    told = (await here.ask(query, viewer, extensions=SHOW, **body)).json()
    assert "errors" not in told
    found: bool = told["extensions"]["cache"]["hit"]
    return found


async def again(here: Served, viewer: User, query: str = PROGRAMS, **body: Any) -> bool:
    """Whether it is answered from the cache. PostgreSQL's own housekeeping may end an answer, but not five in a row."""
    for _ in range(5):
        if await hit(here, viewer, query, **body):
            return True
    return False


async def from_memory(here: Served, viewer: User, query: str = PROGRAMS, **headers: str) -> httpx.Response:
    """The first answer that came from the cache; see `again`."""
    for _ in range(5):
        answer = await here.ask(query, viewer, extensions=SHOW, headers=headers)
        if answer.json()["extensions"]["cache"]["hit"]:
            return answer
    raise AssertionError("five answers in a row were made anew")


async def remembered(here: Served, viewer: User, query: str = PROGRAMS) -> bool:
    """Whether it is answered anew, and from then on from the cache."""
    return not await hit(here, viewer, query) and await again(here, viewer, query)


async def test_the_same_question_is_answered_from_memory(here: Served, admin: User) -> None:
    await factories.program(name="Trades")
    first = await here.ask(PROGRAMS, admin, extensions=SHOW)
    second = await from_memory(here, admin)
    assert (
        first.json()["data"] == second.json()["data"] == {"programs": {"totalCount": 1, "nodes": [{"name": "Trades"}]}}
    )
    assert first.json()["extensions"]["cache"] == {"hit": False, "ageSeconds": 0.0, "maxAgeSeconds": 10.0}
    told = second.json()["extensions"]
    assert told["cache"]["hit"] is True
    assert 0 < told["cache"]["ageSeconds"] < 10
    assert told["cost"]["actual"] == 1
    assert second.headers["cache-control"] == "no-store"


async def test_a_mutation_ends_it_at_once(here: Served, admin: User) -> None:
    assert await remembered(here, admin)
    create = 'mutation { createProgram(input: {name: "Trades"}) { program { name } errors { __typename } } }'
    made = (await here.ask(create, admin)).json()
    assert made["data"]["createProgram"] == {"program": {"name": "Trades"}, "errors": []}
    told = (await here.ask(PROGRAMS, admin, extensions=SHOW)).json()
    assert told["data"]["programs"]["totalCount"] == 1
    assert told["extensions"]["cache"]["hit"] is False


async def test_a_row_written_past_every_service_ends_it_too(here: Served, admin: User) -> None:
    row = await factories.program(name="Trades")
    assert await remembered(here, admin)
    await Program.filter(id=row.id).update(name="Crafts")
    told = (await here.ask(PROGRAMS, admin, extensions=SHOW)).json()
    assert told["data"]["programs"]["nodes"] == [{"name": "Crafts"}]
    assert told["extensions"]["cache"]["hit"] is False


@pytest.mark.skipif(not POSTGRES, reason="by hand, in the database's own tongue")
async def test_what_somebody_writes_by_hand_ends_it(here: Served, admin: User, database_url: str) -> None:
    await factories.program(name="Trades")
    assert await remembered(here, admin)
    await execute(database_url, "UPDATE program SET name = 'Crafts'")
    assert not await hit(here, admin)


async def test_nobody_gets_what_was_made_for_somebody_else(here: Served, admin: User) -> None:
    facility = await factories.facility()
    other = await factories.user(role=Role.DEPARTMENT_ADMIN)
    local = await factories.user(role=Role.FACILITY_ADMIN, facility=facility)
    who = "{ viewer { role user { id } } }"
    asked = [await here.ask(who, viewer, extensions=SHOW) for viewer in (admin, other, local)]
    assert [answer.json()["extensions"]["cache"]["hit"] for answer in asked] == [False, False, False]
    assert len({answer.json()["data"]["viewer"]["user"]["id"] for answer in asked}) == 3
    for viewer in (admin, other, local):
        assert await again(here, viewer, who)


async def test_a_person_whose_role_changes_is_asked_anew(here: Served, admin: User) -> None:
    who = "{ viewer { role } }"
    assert await remembered(here, admin, who)
    await User.filter(id=admin.id).update(role=Role.SYSTEM_ADMIN)
    assert (await here.ask(who, admin)).json()["data"] == {"viewer": {"role": "SYSTEM_ADMIN"}}


async def test_somebody_deactivated_is_refused_at_once(here: Served, admin: User) -> None:
    assert await remembered(here, admin)
    await User.filter(id=admin.id).update(deactivated_at=NOON)
    refused = await here.ask(PROGRAMS, admin, headers={"accept": "application/graphql-response+json"})
    assert refused.status_code == 401


async def test_variables_and_operation_are_part_of_the_question(here: Served, admin: User) -> None:
    query = "query A($first: Int) { programs(first: $first) { totalCount } } query B { programs { totalCount } }"
    assert not await hit(here, admin, query, operationName="A", variables={"first": 1})
    assert not await hit(here, admin, query, operationName="A", variables={"first": 2})
    assert not await hit(here, admin, query, operationName="B")
    assert await again(here, admin, query, operationName="A", variables={"first": 2})


async def test_students_are_not_told_where_an_answer_came_from(here: Served) -> None:
    student = await factories.user(facility=await factories.facility())
    assert "cache" not in (await here.ask(PROGRAMS, student, extensions=SHOW)).json()["extensions"]


async def test_errors_are_not_remembered(here: Served, admin: User) -> None:
    wrong = '{ programs { totalCount } program(id: "nonsense") { name } }'
    for _ in range(2):
        told = (await here.ask(wrong, admin, extensions=SHOW)).json()
        assert len(told["errors"]) == 1
        assert told["extensions"]["cache"]["hit"] is False


async def _college(here: Served) -> int:
    """A Canvas whose facts are in memory and written."""
    world = World()
    course = world.add_course("Algebra")
    world.enrol(course.id, world.add_user("Ida Hall").id)
    row = await here.house.canvas(world, name="State College")
    admin = await factories.user(role=Role.SYSTEM_ADMIN)
    await here.ask(CLASSES, admin)
    await here.house.engine.facts.table.flush()
    return row.id


async def test_a_new_fact_ends_what_was_made_of_the_old_one(here: Served, admin: User) -> None:
    provider = await _college(here)
    facts = here.house.engine.facts
    assert await remembered(here, admin, CLASSES)
    await facts.refresh(COURSES, provider, [ACCOUNT])
    assert not await hit(here, admin, CLASSES)


async def test_an_expired_provider_ends_it_and_what_asked_nothing_of_it_stays(here: Served, admin: User) -> None:
    provider = await _college(here)
    facility = "{ facilities { name } }"
    assert await remembered(here, admin, CLASSES)
    stayed = []
    for _ in range(5):
        assert await again(here, admin, facility)
        await here.house.engine.facts.expire(provider)
        stayed.append(await hit(here, admin, facility))
    assert any(stayed)
    assert not await hit(here, admin, CLASSES)


async def test_an_answer_that_missed_a_source_is_not_remembered(here: Served, admin: User) -> None:
    await factories.provider(name="Down College")
    await here.ask(CLASSES, admin)
    await here.house.engine.facts.table.flush()
    told = [(await here.ask(CLASSES, admin, extensions=SHOW)).json() for _ in range(2)]
    assert {source["state"] for one in told for source in one["data"]["classes"]["sources"]} <= {"FAILED", "LOADING"}
    assert [one["extensions"]["cache"]["hit"] for one in told] == [False, False]


async def test_no_answer_is_older_than_the_setting(here: Served, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(here.house.engine.snapshots, "_clock", lambda: now)
    young = []
    for start in (100.0, 200.0, 300.0, 400.0, 500.0):
        now = start
        assert not await hit(here, admin)
        now = start + 9.9
        young.append(await hit(here, admin))
        now = start + (10.0 if young[-1] else 19.9)
        assert not await hit(here, admin)
    assert any(young)


async def test_one_setting_turns_it_off(database_url: str, redis: str | None) -> None:
    async with served(database_url, redis, response_seconds=0) as here:
        admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        told = [(await here.ask(PROGRAMS, admin, extensions=SHOW)).json() for _ in range(2)]
        assert all("cache" not in one["extensions"] for one in told)


async def test_it_is_off_while_news_of_other_processes_may_be_missed(here: Served, admin: User) -> None:
    assert await remembered(here, admin)
    here.house.engine.bus.connected = False
    assert [await hit(here, admin), await hit(here, admin)] == [False, False]


async def test_memory_is_bounded(database_url: str, redis: str | None) -> None:
    async with served(database_url, redis, response_bytes=16_000) as here:
        await _listening(here)
        admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        for first in range(30):
            assert not await hit(here, admin, f"{{ programs(first: {first}) {{ totalCount }} }}")
        assert await again(here, admin, "{ programs(first: 29) { totalCount } }")
        assert not await hit(here, admin, "{ programs(first: 0) { totalCount } }")


async def test_a_get_is_answered_with_a_tag_and_then_with_nothing_new(here: Served, admin: User) -> None:
    bearer = {"authorization": (await here.ask(PROGRAMS, admin)).request.headers["authorization"]}
    first = await here.http.get("/graphql", params={"query": PROGRAMS}, headers=bearer)
    tag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
    for known in (tag, f'"other", {tag}', "*"):
        again = await here.http.get("/graphql", params={"query": PROGRAMS}, headers=bearer | {"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await factories.program(name="Trades")
    changed = await here.http.get("/graphql", params={"query": PROGRAMS}, headers=bearer | {"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_a_compressed_answer_is_the_same_answer(here: Served, admin: User) -> None:
    for number in range(60):
        await factories.program(name=f"Program {number:02} of the organisation")
    query = "{ programs(first: 60) { nodes { name isActive types } } }"
    plain = await here.ask(query, admin, headers={"accept-encoding": "identity"})
    zipped = {"accept-encoding": "gzip"}
    packed = [await here.ask(query, admin, headers=zipped), await from_memory(here, admin, query, **zipped)]
    assert all(answer.headers["content-encoding"] == "gzip" for answer in packed)
    assert int(packed[1].headers["content-length"]) < len(plain.content) / 2
    assert [answer.json()["data"] for answer in packed] == [plain.json()["data"]] * 2
    assert packed[1].json()["extensions"]["cost"]["actual"] == 1


async def test_a_ledger_is_told_whom_a_remembered_answer_shows(
    here: Served, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = await factories.user(facility=await factories.facility())
    told: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(
        here.app.state.ledger, "note", lambda viewer, _name, _digest, people: told.append((viewer, set(people)))
    )
    people = "{ users(filter: {role: STUDENT}) { nodes { fullName } } }"
    hits = [await hit(here, admin, people) for _ in range(6)]
    assert hits[0] is False
    assert any(hits)
    assert told == [(admin.id, {student.id})] * 6


ROOTS = sorted(SDL.query_type.fields) if SDL.query_type else []
GIVEN = {"start": '"2026-03-01"', "end": '"2026-03-31"', "ids": "[]"}


@pytest.mark.parametrize("root", ROOTS)
async def test_every_field_is_made_of_rows_and_of_facts_that_are_watched(
    database_url: str, redis: str | None, root: str
) -> None:
    """Asked again, no field asks Canvas past the facts: nothing but rows, facts and the time can change an answer."""
    assert SDL.query_type is not None
    field = SDL.query_type.fields[root]
    given = {name: GIVEN.get(name, '"x"') for name in field.args}
    inner = selection(get_named_type(field.type), 2, given)
    query = f"{{ {root}{arguments(field, given)} {f'{{ {inner} }}' if inner else ''} }}"
    async with served(database_url, redis, limits="warn") as here:
        await _college(here)
        admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        for _ in range(3):
            told = (await here.ask(query, admin, extensions={"upstream": True})).json()
    assert {error["extensions"]["code"] for error in told.get("errors", ())} <= {"BAD_ID"}, told["errors"]
    assert told["extensions"]["upstream"]["calls"] == 0
