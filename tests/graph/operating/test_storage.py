"""A disk that is full, and a write whose process ends before its answer is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError, OperationalError

from db import connection
from db.failures import explained
from db.models import AuditEntry, IdempotencyRecord, Program
from domain.enums import Role
from domain.errors import UpstreamTimeout
from domain.problems import UpstreamUnavailable
from services import idempotency
from tests import factories
from tests.support.house import House
from tests.support.served import Served, served

CREATE = """mutation Create($input: CreateProgramInput!) {
  createProgram(input: $input) { program { name } errors { __typename ... on UserError { message path } } } }"""
READ = "{ programs(first: 100) { totalCount } }"
LONG = "x" * 3_000


async def _pages(more: int) -> None:
    """Room for so many pages more than the file has; SQLite takes the limit as it takes a full disk."""
    database = get_connection("default")
    _, rows = await database.execute_query("PRAGMA page_count")
    await database.execute_query(f"PRAGMA max_page_count = {dict(rows[0])['page_count'] + more}")


async def _create(here: Served, admin: Any, name: str) -> dict[str, Any]:
    given = {"name": name, "description": LONG, "idempotencyKey": name}
    answer = await here.ask(CREATE, admin, variables={"input": given})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_on_a_full_disk_reads_go_on_and_writes_say_so_and_leave_nothing_behind(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'small.sqlite3'}"
    await connection.migrate(url)
    async with served(url) as here:
        admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        await _pages(12)
        made = 0
        while "errors" not in (told := await _create(here, admin, f"program {made}")):
            made += 1
        assert 0 < made < 50
        assert told["data"] == {"createProgram": None}
        assert [(error["message"], error["extensions"], error["path"]) for error in told["errors"]] == [
            (
                "homeroom cannot save anything just now: its disk is full. Nothing was changed.",
                {"code": "STORAGE_FULL"},
                ["createProgram"],
            )
        ]
        assert (await here.ask(READ, admin)).json()["data"] == {"programs": {"totalCount": made}}
        assert await AuditEntry.filter(action="createProgram").count() == made
        assert (await here.http.get("/readyz")).status_code == 200

        await _pages(1_000)
        again = await _create(here, admin, f"program {made}")
        assert again["data"]["createProgram"] == {"program": {"name": f"program {made}"}, "errors": []}
        assert await Program.all().count() == await AuditEntry.filter(action="createProgram").count() == made + 1


async def test_a_write_whose_process_died_before_its_answer_was_kept_is_not_done_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-25: between the commit and the kept answer there is a moment; a day later too the key does nothing twice."""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    given = {"name": "Trades", "idempotencyKey": "k1"}

    async def killed(*_: object) -> None:
        raise SystemError

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", killed)
        assert (await house.run(CREATE, admin, input=given)).data == {"createProgram": None}
    await Program.all().update(name="Renamed", sort_key="renamed")
    house.clock.pass_(minutes=5)
    told = await house.data(CREATE, admin, input=given)
    assert told["createProgram"] == {
        "program": None,
        "errors": [
            {
                "__typename": "ConflictError",
                "message": "This was done, at least in part, but its answer is lost. Look before you ask again.",
                "path": ["idempotencyKey"],
            }
        ],
    }
    assert await Program.all().count() == 1


async def test_a_write_that_was_cut_off_before_it_wrote_may_be_asked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    given = {"name": "Trades", "idempotencyKey": "k1"}

    async def cut(*_: object, **__: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as patch:
        patch.setattr("services.audit.record", cut)
        assert (await house.run(CREATE, admin, input=given)).data == {"createProgram": None}
    assert (await Program.all().count(), await IdempotencyRecord.all().count()) == (0, 0)
    assert (await house.data(CREATE, admin, input=given))["createProgram"]["errors"] == []


def _from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.DiskFullError("no space"), "STORAGE_FULL"),
        (asyncpg.ConnectionDoesNotExistError("gone"), "DATABASE_UNAVAILABLE"),
        (asyncpg.CannotConnectNowError("starting up"), "DATABASE_UNAVAILABLE"),
        (asyncpg.AdminShutdownError("shutting down"), "DATABASE_UNAVAILABLE"),
        (asyncpg.TooManyConnectionsError("53300"), "DATABASE_UNAVAILABLE"),
        (asyncpg.InterfaceError("connection is closed"), "DATABASE_UNAVAILABLE"),
        (asyncpg.InternalClientError("got result for unknown protocol state 3"), "DATABASE_UNAVAILABLE"),
        (ConnectionRefusedError(), "DATABASE_UNAVAILABLE"),
        (DBConnectionError("away"), "DATABASE_UNAVAILABLE"),
        (OperationalError(asyncpg.UndefinedColumnError("no such column")), None),
        (ValueError("ours"), None),
        (_from(UpstreamTimeout(1), TimeoutError()), None),
        (_from(UpstreamUnavailable("Canvas is still assigning.", 1), TimeoutError()), None),
        (TimeoutError("a statement took too long"), "DATABASE_UNAVAILABLE"),
    ],
)
def test_what_drivers_raise_is_told_apart_from_faults_of_ours(error: Exception, code: str | None) -> None:
    found = explained(error)
    assert (found.code if found else None) == code


def test_a_request_is_abandoned_after_less_than_it_is_kept() -> None:
    assert timedelta() < idempotency.ABANDONED < idempotency.KEPT
