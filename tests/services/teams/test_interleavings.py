"""Any interleaving of pulls, pushes and edits on both sides, against the plainest model of a three-way compare."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import connection
from db.models import PushPlan, SyncIssue, SyncRun, Team, TeamMembership
from domain.refs import SyncRunRef, TeamRef
from domain.scope import SYSTEM
from services.operation import begin
from services.run import Pace
from services.run_kinds import HANDLERS
from services.run_work import carry_out
from services.teams.changes import TeamFields, create_team
from services.teams.members import set_team_members
from services.teams.plan import plan_memberships
from services.teams.pull import Options, sync_teams
from services.teams.push import push_memberships
from tests.support.databases import sqlite_copy, sqlite_template
from tests.support.house import house as open_house
from tests.support.school import School, school

GROUPS = ("Red", "Blue", "Green")
ACCOUNTS = (91, 92, 93)
PLACES = (None, *GROUPS)
Place = str | None

edits = st.tuples(st.sampled_from(["here", "there"]), st.sampled_from(ACCOUNTS), st.sampled_from(PLACES))
steps = st.lists(st.one_of(edits, edits, st.just(("pull",)), st.just(("push",))), max_size=14)


@dataclass
class Model:
    """Where everybody is here, there, and was when both sides last agreed on it."""

    here: dict[int, Place] = field(default_factory=dict)
    there: dict[int, Place] = field(default_factory=dict)
    base: dict[int, Place] = field(default_factory=dict)

    def pull(self) -> set[int]:
        """Answers on whom both sides disagree."""
        conflicts = set()
        for account in list(self.here):
            here, there, base = self.here[account], self.there[account], self.base[account]
            if here == base:
                self.here[account] = there
            elif there not in (base, here):
                conflicts.add(account)
            self.base[account] = there
        return conflicts

    def push(self) -> None:
        for account in list(self.here):
            here, there, base = self.here[account], self.there[account], self.base[account]
            if there == base != here:
                self.there[account] = self.base[account] = here


class Play:
    """The same steps in a real homeroom with a stand-in Canvas."""

    def __init__(self, made: School) -> None:
        self.made, self.op = made, begin(made.house.engine, SYSTEM)
        self.model = Model(*(dict.fromkeys(made.people) for _ in range(3)))

    async def step(self, name: str, *rest: Any) -> None:
        await getattr(self, name)(*rest)
        await self.compare()

    async def here(self, account: int, place: Place) -> None:
        self.model.here[account] = place
        person = self.made.people[account].id
        live = await TeamMembership.filter(user_id=person, until=None).exclude(set_key="").prefetch_related("team")
        for name in {*(row.team.name for row in live), place} - {None}:
            team = await Team.get(name=name)
            rows = await TeamMembership.filter(team_id=team.id, until=None)
            wanted = {row.user_id for row in rows} - {person} | ({person} if name == place else set())
            await set_team_members(self.op, TeamRef(team.id), sorted(wanted))

    async def there(self, account: int, place: Place) -> None:
        self.model.there[account] = place
        for name in GROUPS:
            self.made.world.leave(self.made.groups[name], account)
        if place is not None:
            self.made.world.join(self.made.groups[place], account)

    async def pull(self) -> None:
        conflicts = self.model.pull()
        ref = await sync_teams(self.op, self.made.ref, Options(override="a test"))
        await self.carry(ref)
        told = await SyncIssue.filter(run_id=ref.id, code="CHANGED_ON_BOTH_SIDES")
        assert {int(issue.canvas_user_id or 0) for issue in told} == conflicts

    async def push(self) -> None:
        self.model.push()
        plan = await plan_memberships(self.op, self.made.ref)
        ref = await push_memberships(self.op, plan, "a test")
        assert isinstance(ref, SyncRunRef)
        await self.carry(ref)

    async def carry(self, ref: SyncRunRef) -> None:
        await carry_out(self.made.house.engine, ref.id, HANDLERS, Pace())
        row = await SyncRun.get(id=ref.id)
        assert row.state.startswith("SUCCEEDED"), row.message

    async def compare(self) -> None:
        for account in self.model.here:
            rows = await TeamMembership.filter(user_id=self.made.people[account].id, until=None).prefetch_related(
                "team"
            )
            names = [row.team.name for row in rows if row.set_key]
            assert names == [self.model.here[account]] or (not names and self.model.here[account] is None)
            there = [name for name in GROUPS if account in self.made.there(name)]
            assert there == [self.model.there[account]] or (not there and self.model.there[account] is None)
        assert await self.made.here("Ours") == [91, 92]


async def _play(template: Path, accounts: int, work: Callable[[Play], Awaitable[None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await connection.connect(sqlite_copy(template, Path(folder)))
        try:
            async with open_house(None) as house:
                await work(await _begun(await school(house, accounts)))
        finally:
            await connection.disconnect()


async def _begun(made: School) -> Play:
    """Three empty groups that were pulled, and a team made by hand."""
    for name in GROUPS:
        made.add_group(name, [])
    play = Play(made)
    await play.pull()
    people = [made.people[account].id for account in (91, 92)]
    await create_team(play.op, TeamFields("Ours", school_class=made.ref, user_ids=people))
    return play


async def _end(play: Play) -> None:
    """Push, pull, and then a plan holds nothing but what both sides disagree on."""
    await play.step("push")
    await play.step("pull")
    plan = await plan_memberships(play.op, play.made.ref)
    changes = (await PushPlan.get(id=plan.id)).changes
    planned = sum(len(change["adds"]) + len(change["moves"]) + len(change["removes"]) for change in changes)
    differ = sum(play.model.here[account] != play.model.there[account] for account in play.model.here)
    assert planned == differ


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_template(tmp_path_factory.mktemp("interleavings"))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(sequence=steps)
def test_no_edit_is_lost_without_a_conflict_that_is_told(template: Path, sequence: list[tuple[Any, ...]]) -> None:
    async def work(play: Play) -> None:
        for one in sequence:
            await play.step(*one)
        await _end(play)

    asyncio.run(_play(template, len(ACCOUNTS), work))


@pytest.mark.parametrize("last", ["pull", "push"])
def test_every_disagreement_there_can_be_about_one_person(template: Path, last: str) -> None:
    """Each account plays one of all combinations of places before, here and there."""
    cases = dict(enumerate(itertools.product(PLACES, repeat=3), start=91))

    async def work(play: Play) -> None:
        for account, (base, _, _) in cases.items():
            await play.there(account, base)
        await play.step("pull")
        for account, (_, here, there) in cases.items():
            await play.here(account, here)
            await play.there(account, there)
        await play.step(last)
        await _end(play)

    asyncio.run(_play(template, len(cases), work))
