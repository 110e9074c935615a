"""`homeroom sync` as a person types it, with real processes."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import connection
from db.models import TeamMembership
from sandbox.app import create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.server import serving
from sandbox.world import World
from tests.support.shell import Shell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NAME = "State College"


def rows(printed: str) -> list[list[str]]:
    """The lines of a table without its frame; cells as texts."""
    lines = [line for line in printed.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def taken_out(url: str) -> int:
    """Somebody takes one person out of a team here; how many there were."""

    async def work() -> int:
        await connection.connect(url)
        try:
            live = TeamMembership.filter(until=None)
            count, one = await live.count(), await live.order_by("id").first()
            assert one is not None
            await TeamMembership.filter(id=one.id).update(until=datetime(2026, 3, 2, tzinfo=UTC))
            return count
        finally:
            await connection.disconnect()

    return asyncio.run(work())


def test_pull_plan_push_and_looking_back(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.env |= {"COLUMNS": "200"}
    world = World()
    world.add_course("Welding", id=7)
    for id in (91, 92, 93):
        world.add_user(f"=Student{id} Reed", id=id, login=f"reed{id}")
        world.enrol(7, id)
    red = world.add_group(world.add_group_set(7, "Lab teams").id, "=Red", members=[91, 92]).id
    with serving(create_app(world, Behaviour(throttling=False))) as canvas:
        shell.run("migrate")
        shell.run("provider", "add", "--name", NAME, "--base-url", canvas, "--account-id", "1", given=DEFAULT_TOKEN)
        issues = tmp_path / "issues.csv"
        pulled = shell.run("sync", "--provider", NAME, "--issues", str(issues))
        assert rows(pulled)[0] == [NAME, "SUCCEEDED_WITH_WARNINGS", "1", "0", "0", "0", "2", ""]
        assert shell.errors == ""
        with issues.open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        assert [(row["run"], row["code"], row["team"], row["canvas_user_id"]) for row in table] == [
            ("1", "UNLINKED_MEMBER", "'=Red", "91"),
            ("1", "UNLINKED_MEMBER", "'=Red", "92"),
        ]
        made = shell.run("sync", "--provider", NAME, "--class", "Welding", "--create-missing")
        assert rows(made)[0][:3] == ["Welding", "SUCCEEDED", "4"]
        assert taken_out(shell.env["HOMEROOM_DATABASE_URL"]) == 2
        planned = shell.run("sync", "--provider", NAME, "--class", "7", "--plan")
        assert rows(planned)[0] == ["Welding", "PLANNED", "0", "0", "1", "1", "0", ""]
        assert len(world.live_members(red)) == 2
        pushed = shell.run("sync", "--provider", NAME, "--push")
        assert rows(pushed)[0] == ["Welding", "SUCCEEDED", "0", "0", "1", "1", "0", ""]
        assert (len(world.live_members(red)), shell.errors) == (1, "")
        past = rows(shell.run("sync", "--provider", NAME, "--runs", "9"))
        told = [(row[0], *row[2:5], row[-1]) for row in past]
        assert told == [
            ("3", "the command line", "PUSH_MEMBERSHIPS", "SUCCEEDED", "0"),
            ("2", "the command line", "PULL_TEAMS", "SUCCEEDED", "0"),
            ("1", "the command line", "PULL_TEAMS", "SUCCEEDED_WITH_WARNINGS", "2"),
        ]
        before = issues.read_bytes()
        shell.run("sync", "--provider", NAME, "--run", "1", "--issues", str(issues))
        assert issues.read_bytes() == before
        assert "no such run" in shell.run("sync", "--provider", NAME, "--run", "9", "--issues", "x.csv", fails=True)
        assert "not both" in shell.run("sync", "--provider", NAME, "--plan", "--push", fails=True)
        assert "no enabled provider" in shell.run("sync", "--provider", "Nowhere", fails=True)
