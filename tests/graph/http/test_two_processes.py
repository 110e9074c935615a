"""Writes and reads of several real processes over one database: nobody is ever given an old answer.

With HOMEROOM_TEST_REDIS_URL two servers; without it the one there may be. Beside them somebody writes by hand.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.commands.test_first_start import Shell
from tests.support.caches import REDIS, flushed
from tests.support.databases import POSTGRES, execute, postgres_database

READ = "{ programs(first: 100) { totalCount nodes { id name } } }"
CREATE = "mutation ($name: String!) { createProgram(input: {name: $name}) { program { id } errors { __typename } } }"
RENAME = (
    "mutation ($id: ID!, $name: String!) { updateProgram(input: {id: $id, name: $name}) { errors { __typename } } }"
)
ARCHIVE = "mutation ($id: ID!) { archiveProgram(input: {id: $id}) { errors { __typename } } }"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Homerooms:
    """The servers, and a way to write past them."""

    def __init__(self, clients: list[httpx.Client], database: str) -> None:
        self.clients = clients
        self._database = database

    def ask(self, server: int, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables, "extensions": {"cache": True}}
        told = self.clients[server % len(self.clients)].post("/graphql", json=body).json()
        assert "errors" not in told, told
        return told

    def by_hand(self, statement: str) -> None:
        if self._database.startswith("postgres"):
            asyncio.run(execute(self._database, statement))
            return
        with sqlite3.connect(self._database.removeprefix("sqlite://"), timeout=10) as connection:
            connection.execute(statement)
        connection.close()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    if POSTGRES:
        with postgres_database(POSTGRES, "processes") as url:
            yield url
    else:
        yield f"sqlite://{folder / 'shared.sqlite3'}"


@pytest.fixture
def homerooms(tmp_path: Path) -> Iterator[Homerooms]:
    with ExitStack() as stack:
        database = stack.enter_context(_database(tmp_path))
        shell = Shell(tmp_path)
        shell.env |= {"HOMEROOM_DATABASE_URL": database, "HOMEROOM_BUDGET": "1000000000"}
        if REDIS:
            shell.env["HOMEROOM_REDIS_URL"] = asyncio.run(flushed(REDIS))
        shell.run("migrate")
        shell.run("user", "add", "--username", "ada", "--role", "SYSTEM_ADMIN")
        bearer = {"authorization": f"Bearer {shell.run('token', '--username', 'ada').strip()}"}
        urls = [stack.enter_context(shell.serve()) for _ in range(2 if REDIS else 1)]
        clients = [stack.enter_context(httpx.Client(base_url=url, headers=bearer, timeout=30)) for url in urls]
        yield Homerooms(clients, database)


class Programs(RuleBasedStateMachine):
    """What the servers should say, beside what they say."""

    homerooms: ClassVar[Homerooms]
    hits: ClassVar[int]
    names = st.text(alphabet="abcdefgh", min_size=3, max_size=6)
    servers = st.integers(0, 1)
    picks = st.integers(0, 50)

    def __init__(self) -> None:
        super().__init__()
        self.homerooms.by_hand("DELETE FROM program")
        self.expected: dict[str, str] = {}

    @rule(server=servers, name=names)
    def create(self, server: int, name: str) -> None:
        made = self.homerooms.ask(server, CREATE, name=name)["data"]["createProgram"]
        assert (made["program"] is None) == (name in self.expected.values())
        if made["program"] is not None:
            self.expected[made["program"]["id"]] = name

    @precondition(lambda self: self.expected)
    @rule(server=servers, name=names, pick=picks)
    def rename(self, server: int, name: str, pick: int) -> None:
        id = list(self.expected)[pick % len(self.expected)]
        errors = self.homerooms.ask(server, RENAME, id=id, name=name)["data"]["updateProgram"]["errors"]
        if not errors:
            self.expected[id] = name
        assert bool(errors) == (list(self.expected.values()).count(name) == 1 and self.expected[id] != name)

    @precondition(lambda self: self.expected)
    @rule(server=servers, pick=picks)
    def archive(self, server: int, pick: int) -> None:
        id = list(self.expected)[pick % len(self.expected)]
        assert self.homerooms.ask(server, ARCHIVE, id=id)["data"]["archiveProgram"]["errors"] == []
        del self.expected[id]

    @rule()
    def write_by_hand(self) -> None:
        self.homerooms.by_hand(
            "UPDATE program SET name = name || 'x', sort_key = sort_key || 'x' WHERE archived_at IS NULL"
        )
        self.expected = {id: f"{name}x" for id, name in self.expected.items()}

    @invariant()
    def everybody_says_so(self) -> None:
        for server in (0, 1, 0, 1):
            told = self.homerooms.ask(server, READ)
            said = told["data"]["programs"]
            assert {node["id"]: node["name"] for node in said["nodes"]} == self.expected
            assert said["totalCount"] == len(self.expected)
            type(self).hits += bool((told["extensions"].get("cache") or {}).get("hit"))


def test_nobody_is_given_an_old_answer(homerooms: Homerooms) -> None:
    Programs.homerooms, Programs.hits = homerooms, 0
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Programs, settings=examples(max_examples=8, stateful_step_count=12, deadline=None, database=None)
    )
    assert Programs.hits > 0 or (POSTGRES and not REDIS), "nothing was answered from memory: nothing was shown"
