"""Who was shown which student's data, and how long that and other records are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from commands.records import plain
from db import models
from db.models import AccessEntry, User
from domain.enums import Role, SyncKind, SyncState
from domain.problems import NotAllowed
from domain.refs import UserRef
from domain.scope import SYSTEM, Scope
from sandbox.world import World
from services.ledger import Ledger
from services.operation import begin
from services.retention import Pruned, Retention, prune
from tests import factories
from tests.support.house import NOON, House, gid
from tests.support.served import Served, served

ROSTER = "query Roster { classes { nodes { roster { nodes { status } } } } }"
LEDGER = "query Ledger($id: ID!, $first: Int, $after: String) { accessLedger(userId: $id, first: $first, after: $after) { totalCount nodes { hour operation viewer { username } } pageInfo { endCursor hasNextPage } } }"  # fmt: skip


@pytest_asyncio.fixture
async def here(database_url: str, redis: str | None) -> AsyncIterator[Served]:
    async with served(database_url, redis) as opened:
        yield opened


async def _class_of_two(here: Served) -> tuple[User, User, User]:
    """A facility admin, and a native and a Canvas student of that facility."""
    north = await factories.facility(name="North")
    admin = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    native, linked = await factories.user(facility=north), await factories.user(facility=north)
    await factories.enrollment(school_class=await factories.school_class(facility=north), user=native)
    world = World()
    account = world.add_user("Sam Reed")
    world.enrol(world.add_course("Algebra").id, account.id)
    canvas = await here.house.canvas(world)
    await factories.link(provider=canvas, user=linked, external_user_id=str(account.id))
    return admin, native, linked


async def _written(here: Served) -> list[tuple[int, int, str]]:
    await here.app.state.ledger.flush()
    return [(row.student_id, row.viewer_id, row.operation) for row in await AccessEntry.all().order_by("student_id")]


async def _ask(here: Served, viewer: User, query: str, **variables: Any) -> Any:
    answer = (await here.ask(query, viewer, variables=variables)).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_each_student_shown_has_one_entry_per_viewer_operation_and_hour(here: Served) -> None:
    """§4.3; of both sources, though no name was asked for."""
    admin, native, linked = await _class_of_two(here)
    for _ in range(3):
        await _ask(here, admin, ROSTER)
    assert await _written(here) == [(native.id, admin.id, "Roster"), (linked.id, admin.id, "Roster")]


async def test_an_answer_from_a_cache_is_in_the_ledger_of_the_next_hour_too(here: Served) -> None:
    """§4.3: the second answer reads nothing from the database, and shows the same people."""
    admin, native, linked = await _class_of_two(here)
    await _ask(here, admin, ROSTER)
    assert len(await _written(here)) == 2
    await here.app.state.engine.facts.table.flush()
    await _ask(here, admin, ROSTER)
    ledger: Ledger = here.app.state.ledger
    later = datetime.now(UTC) + timedelta(hours=1)
    ledger._clock = lambda: later
    again = (await here.ask(ROSTER, admin, variables={}, extensions={"cache": True})).json()
    assert again["extensions"]["cache"]["hit"] is True
    assert len(await _written(here)) == 4
    hours = await AccessEntry.filter(student=linked).order_by("id").values_list("hour", flat=True)
    assert hours[1] - hours[0] == timedelta(hours=1)
    assert (hours[0].minute, hours[0].second, hours[0].microsecond) == (0, 0, 0)
    assert native.id != linked.id


async def test_a_student_who_looks_at_themselves_and_admins_who_are_shown_are_not_in_it(here: Served) -> None:
    _, native, _ = await _class_of_two(here)
    chief = await factories.user(role=Role.DEPARTMENT_ADMIN)
    await _ask(here, native, "{ viewer { user { username enrollments { nodes { status } } } } }")
    await _ask(here, chief, "{ users(filter: {role: FACILITY_ADMIN}) { nodes { username } } }")
    assert await _written(here) == []


async def test_admins_read_the_ledger_of_students_in_scope_page_by_page(here: Served) -> None:
    admin, native, _ = await _class_of_two(here)
    stranger = await factories.user(role=Role.FACILITY_ADMIN, facility=await factories.facility())
    for number in range(3):
        hour = NOON + timedelta(hours=number)
        await factories.access_entry(student=native, viewer=admin, operation=f"Op{number}", hour=hour)
    native_id = gid(UserRef(native.id))

    first = (await _ask(here, admin, LEDGER, id=native_id, first=2))["accessLedger"]
    assert [(node["operation"], node["viewer"]["username"]) for node in first["nodes"]] == [
        ("Op2", admin.username),
        ("Op1", admin.username),
    ]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    rest = await _ask(here, admin, LEDGER, id=native_id, first=2, after=first["pageInfo"]["endCursor"])
    assert [node["operation"] for node in rest["accessLedger"]["nodes"]] == ["Op0"]
    assert (await _ask(here, stranger, LEDGER, id=native_id))["accessLedger"] is None
    assert (await _ask(here, native, LEDGER, id=native_id))["accessLedger"] is None


async def test_what_cannot_be_written_waits_for_the_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    student, viewer = await factories.user(), await factories.user(role=Role.DEPARTMENT_ADMIN)
    ledger = Ledger(house.clock)
    ledger.note(viewer.id, None, "abc", {student.id, viewer.id})

    async def away(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("services.ledger.ledger.add", away)
        await ledger.flush()
    assert await AccessEntry.all().count() == 0
    await ledger.stop()
    assert await AccessEntry.all().values_list("student_id", "viewer_id", "operation", "document") == [
        (student.id, viewer.id, "", "abc")
    ]


async def test_prune_deletes_what_was_kept_long_enough_and_nothing_else(house: House) -> None:
    keep = Retention(records=timedelta(days=100), runs=timedelta(days=10), facts=timedelta(days=1))
    for age in (timedelta(days=101), timedelta(days=99)):
        entry = await factories.audit_entry()
        await models.AuditEntry.filter(id=entry.id).update(at=NOON - age)
        await factories.access_entry(hour=NOON - age)
    for age in (timedelta(days=11), timedelta(days=9)):
        await models.SyncRun.create(kind=SyncKind.PULL_TEAMS, state=SyncState.FAILED, finished_at=NOON - age)
    await models.SyncRun.create(kind=SyncKind.PULL_TEAMS, state=SyncState.RUNNING)
    for age in (timedelta(days=31), timedelta(days=29)):
        await factories.link(application=await factories.match_application(applied_at=NOON - age))
    for age in (timedelta(days=11), timedelta(days=9)):
        await factories.match_report(computed_at=NOON - age)
    for hours in (25, 23):
        await factories.fact(fetched_at=NOON - timedelta(hours=hours))
        record = await factories.idempotency_record()
        await models.IdempotencyRecord.filter(id=record.id).update(created_at=NOON - timedelta(hours=hours))
    op = begin(house.engine, SYSTEM)
    one_each = Pruned(**{**dict.fromkeys(Pruned.__slots__, 1), "push_plans": 0})

    assert await prune(op, keep, dry=True) == one_each
    assert await models.AuditEntry.all().count() == 2
    assert await prune(op, keep) == one_each
    assert await prune(op, keep, dry=True) == Pruned(*[0] * 8)
    links = models.ProviderLink.all().order_by("id")
    assert await links.values_list("application__applied_at", flat=True) == [None, NOON - timedelta(days=29)]
    assert await models.SyncRun.all().count() == 2
    told = await models.AuditEntry.get(action="prune")
    assert told.after is not None
    assert told.after["runs"] == 1


async def test_only_system_admins_prune(house: House) -> None:
    op = begin(house.engine, Scope(Role.DEPARTMENT_ADMIN, 1, None))
    with pytest.raises(NotAllowed):
        await prune(op, Retention(timedelta(), timedelta(), timedelta()))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx"])
def test_no_cell_of_the_export_is_a_formula(text: str) -> None:
    """§4.3"""
    assert plain(text) == f"'{text}"
    assert plain("jdoe") == "jdoe"
