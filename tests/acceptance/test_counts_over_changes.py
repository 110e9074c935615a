"""Whatever was done before, the counts are those of what is true now.

AC-10, and at every step AC-03, AC-11, AC-12, AC-13 and AC-14.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from db import connection
from db.models import User
from domain.enums import Role
from domain.refs import FacilityRef, ProviderLinkRef, ProviderRef, UserRef
from sandbox.world import World
from tests import factories
from tests.support import databases
from tests.support.house import House, gid, house
from tests.support.mutations import ask

PEOPLE, ACCOUNTS, PLACES = 4, 4, 3
NOWHERE = None
COUNTS = """
{ providers { linkedUserCount unlinkedStudentCount links { totalCount } }
  programs { nodes { __typename metrics { classCount activeEnrollmentCount totalEnrollmentCount enrolledResidentCount
      completionRate } classes { nodes { ...Counts } } } }
  classes { nodes { ...Counts } } }
fragment Counts on Class { id name enrolledCount completedCount enrollmentsByFacility { facility { name } enrolledCount }
  roster { totalCount nodes { user { username } } } all: roster(filter: {}) { totalCount } }
"""
person = st.integers(0, PEOPLE - 1)
account = st.integers(0, ACCOUNTS - 1)
course = st.integers(0, 1)


@dataclass
class Person:
    """What is true of one of our people. `native`: enrolled in the native class, which is at the first facility."""

    row: User
    place: int | None
    active: bool = True
    account: int | None = None
    link_id: str = ""
    native: bool = True


class Counting(RuleBasedStateMachine):
    """The model: people, all but one of them linked at first, and for each course the state of each account in it (None: not there)."""

    database: databases.Path | str

    @initialize()
    def build(self) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.run(self._build())

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _build(self) -> None:
        if isinstance(self.database, Path):
            url = databases.sqlite_copy(self.database, Path(self.folder.name))
        else:
            url = self.database
            await databases.empty(url)
        await connection.connect(url)
        self.stack.push_async_callback(connection.disconnect)
        self.house: House = await self.stack.enter_async_context(house(cold_wait_seconds=60))
        self.places = [await factories.facility(name=f"Place {n}") for n in range(PLACES)]
        self.admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        self.officers = [await factories.user(role=Role.FACILITY_ADMIN, facility=place) for place in self.places]
        await self._fill()

    async def _fill(self) -> None:
        self.world = World()
        self.accounts = [self.world.add_user(f"Account {n}") for n in range(ACCOUNTS)]
        self.courses = [
            self.world.add_course("Algebra"),
            self.world.add_course("Biology", end_at="2026-01-01T00:00:00Z"),
        ]
        for row in self.courses:
            for holder in self.accounts:
                self.world.enrol(row.id, holder.id)
        self.there: list[list[bool | None]] = [[True] * ACCOUNTS, [True] * ACCOUNTS]
        self.canvas = await self.house.canvas(self.world, name="State College")
        self.people = [
            Person(await factories.user(facility=self.places[n % PLACES]), n % PLACES) for n in range(PEOPLE)
        ]
        program = await factories.program(name="Trades")
        self.welding = await factories.school_class(name="Welding", facility=self.places[0], program=program)
        for one in self.people:
            await factories.enrollment(school_class=self.welding, user=one.row)
        for number, one in enumerate(self.people[:-1]):
            external = str(self.accounts[number].id)
            link = await factories.link(provider=self.canvas, user=one.row, external_user_id=external)
            one.account, one.link_id = number, gid(ProviderLinkRef(link.id))

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    def change(self, mutation: str, selection: str, **given: Any) -> tuple[dict[str, Any], list[str]]:
        reply = self.run(ask(self.house, self.admin, mutation, selection, **given))
        return reply.subject, reply.codes

    @rule(who=person, whom=account)
    def link(self, who: int, whom: int) -> None:
        """Also a relink of the same two, and a second link of either side."""
        one = self.people[who]
        taken = one.account is not None or any(other.account == whom for other in self.people)
        known = any(states[whom] is not None for states in self.there)
        subject, codes = self.change(
            "linkUser",
            "link { id }",
            userId=gid(UserRef(one.row.id)),
            providerId=gid(ProviderRef(self.canvas.id)),
            canvasUserId=str(self.accounts[whom].id),
        )
        if not one.active:
            assert codes == ["ConflictError"]
        elif not known:
            assert codes == ["NotAStudentError"]
        elif taken:
            assert codes == ["AlreadyLinkedError"]
        else:
            assert codes == []
            one.account, one.link_id = whom, subject["link"]["id"]

    @rule(who=person)
    def unlink(self, who: int) -> None:
        one = self.people[who]
        _, codes = self.change("unlinkUser", "link { id }", linkId=one.link_id or gid(ProviderLinkRef(404)))
        expected = ["NotFoundError"] if not one.link_id else ["ConflictError"] if one.account is None else []
        assert codes == expected
        one.account = None

    @rule(who=person)
    def deactivate(self, who: int) -> None:
        _, codes = self.change("deactivateUser", "user { id }", id=gid(UserRef(self.people[who].row.id)))
        assert codes == []
        self.people[who].active = False

    @rule(who=person)
    def reactivate(self, who: int) -> None:
        _, codes = self.change("reactivateUser", "user { id }", id=gid(UserRef(self.people[who].row.id)))
        assert codes == []
        self.people[who].active = True

    @rule(who=person, to=st.one_of(st.just(NOWHERE), st.integers(0, PLACES - 1)))
    def transfer(self, who: int, to: int | None) -> None:
        """A person who leaves the facility of the native class leaves the class."""
        one = self.people[who]
        there = None if to is None else gid(FacilityRef(self.places[to].id))
        _, codes = self.change("updateUser", "user { id }", id=gid(UserRef(one.row.id)), facilityId=there)
        assert codes == []
        one.native = one.native and not (one.place == 0 and to != 0)
        one.place = to

    @rule(where=course, whom=account, state=st.sampled_from(["active", "completed", None]))
    def change_in_canvas(self, where: int, whom: int, state: str | None) -> None:
        """A student concludes, comes back or is removed there; then the provider is refreshed."""
        course_id, holder = self.courses[where].id, self.accounts[whom].id
        self.world.remove_enrolments(course_id, holder)
        if state is not None:
            row = self.world.enrol(course_id, holder)
            self.world.set_enrolment_state(row.id, state)
        self.there[where][whom] = None if state is None else state == "active"
        self.house.clock.pass_(seconds=1)
        _, codes = self.change("refreshProvider", "provider { id }", id=gid(ProviderRef(self.canvas.id)))
        assert codes == []
        self.run(self._settle())

    async def _settle(self) -> None:
        """Read once, and wait until what that refreshes is in."""
        for _ in range(2):
            await self.house.data(COUNTS, self.admin)
            while self.house.engine.facts._fetcher._tasks:
                await asyncio.gather(*self.house.engine.facts._fetcher._tasks)

    @invariant()
    def every_count_is_that_of_what_is_true_now(self) -> None:
        if not hasattr(self, "people"):
            return
        statewide = self.seen(self.admin)
        views = [self.seen(officer) for officer in self.officers]
        self.check(statewide, [one for one in self.people if one.active])
        for place, view in enumerate(views):
            self.check(view, [one for one in self.people if one.active and one.place == place])
        for name, row in statewide["by_name"].items():
            parts = {part["facility"]["name"]: part["enrolledCount"] for part in row["enrollmentsByFacility"]}
            own = [view["by_name"].get(name, {"enrolledCount": 0})["enrolledCount"] for view in views]
            assert own == [parts.get(place.name, 0) for place in self.places]

    def seen(self, viewer: User) -> dict[str, Any]:
        data: dict[str, Any] = self.run(self.house.data(COUNTS, viewer))
        listed = {row["name"]: row for row in data["classes"]["nodes"]}
        nested = {row["name"]: row for program in data["programs"]["nodes"] for row in program["classes"]["nodes"]}
        assert listed == nested
        return {**data, "by_name": listed}

    def check(self, seen: dict[str, Any], people: list[Person]) -> None:
        states = [[s[one.account] for one in people if one.account is not None] for s in self.there]
        by_name = seen["by_name"]
        for row, name in ((states[0], "Algebra"), (states[1], "Biology")):
            shown = by_name[name]
            assert (shown["enrolledCount"], shown["completedCount"]) == (row.count(True), row.count(False))
            assert shown["all"]["totalCount"] == row.count(True) + row.count(False)
        if "Welding" in by_name:
            assert by_name["Welding"]["enrolledCount"] == sum(one.native for one in people)
        for row in by_name.values():
            assert row["roster"]["totalCount"] == row["enrolledCount"] == len(row["roster"]["nodes"])
            assert sum(part["enrolledCount"] for part in row["enrollmentsByFacility"]) <= row["enrolledCount"]
        self.check_program(seen, states)
        linked = sum(one.account is not None for one in people)
        (provider,) = seen["providers"]
        assert (provider["linkedUserCount"], provider["links"]["totalCount"]) == (linked, linked)

    def check_program(self, seen: dict[str, Any], states: list[list[bool | None]]) -> None:
        (metrics,) = [row["metrics"] for row in seen["programs"]["nodes"] if row["__typename"] == "CanvasProgram"]
        every = [state for row in states for state in row]
        enrolled, completed = every.count(True), every.count(False)
        assert metrics == {
            "classCount": 2,
            "activeEnrollmentCount": states[0].count(True),
            "enrolledResidentCount": states[0].count(True),
            "totalEnrollmentCount": enrolled + completed,
            "completionRate": completed / (enrolled + completed) if enrolled + completed else None,
        }


def test_counts_over_any_sequence_of_changes_are_those_of_the_final_state(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-10: link, unlink, relink, deactivate, reactivate, transfer, and Canvas's own changes."""
    monkeypatch.setattr(Counting, "database", request.getfixturevalue("_migrated"), raising=False)
    run_state_machine_as_test(
        Counting,
        settings=settings(
            max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_unlinking_and_linking_again_counts_once(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-10, step by step: every kind of change to the same person, and to the account they leave behind."""
    monkeypatch.setattr(Counting, "database", request.getfixturevalue("_migrated"), raising=False)
    model = Counting()
    model.build()
    steps: list[Callable[[], None]] = [
        lambda: model.unlink(0),
        lambda: model.link(0, 0),
        lambda: model.deactivate(0),
        lambda: model.reactivate(0),
        lambda: model.transfer(0, 1),
        lambda: model.unlink(0),
        lambda: model.link(3, 0),
        lambda: model.change_in_canvas(0, 0, "completed"),
        lambda: model.transfer(3, NOWHERE),
    ]
    try:
        for step in steps:
            step()
            model.every_count_is_that_of_what_is_true_now()
    finally:
        model.teardown()
