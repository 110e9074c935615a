"""Creating, enrolling, changing, cancelling, moving and deactivating: the counts are always those of the final state.

AC-10 for our own classes, and at every step AC-03, AC-11, AC-12, AC-13 and AC-14.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db import connection
from db.models import User
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.refs import FacilityRef, NativeProgramRef
from tests import factories
from tests.support import databases
from tests.support.house import House, gid, house
from tests.support.mutations import Reply, ask

PLACES = 3
ENROLLED, COMPLETED = EnrollmentStatus.ENROLLED, EnrollmentStatus.COMPLETED
OPEN = (ClassStatus.SCHEDULED, ClassStatus.ACTIVE, ClassStatus.PAUSED)
VIEW = """
  programs{name}: programs(filter: {{facilityId: {id}}}) {{ nodes {{ id metrics {{ ...Metrics }} classes(first: 100) {{
    nodes {{ ...Counts }} }} }} }}
  classes{name}: classes(first: 100, filter: {{facilityId: {id}}}) {{ nodes {{ ...Counts }} }}
"""
FRAGMENTS = """
fragment Metrics on ProgramMetrics { classCount activeClassCount activeEnrollmentCount totalEnrollmentCount
  enrolledResidentCount completionRate }
fragment Counts on Class { id capacity enrolledCount completedCount
  enrollmentsByFacility { facility { id } enrolledCount } roster { totalCount } }
"""
index = st.integers(0, 10_000)
place = st.integers(0, PLACES - 1)


@dataclass
class Person:
    id: str
    place: int
    active: bool = True


@dataclass
class Taught:
    """A class; `people`: the enrolment and status of each person who was ever in it."""

    id: str
    program: int
    place: int
    capacity: int | None
    status: ClassStatus = ClassStatus.ACTIVE
    people: dict[int, tuple[str, EnrollmentStatus]] = field(default_factory=dict)


class Counting(RuleBasedStateMachine):
    """The model: people, classes, and who is in them how."""

    database: Path | str

    @initialize()
    def build(self) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.people: list[Person] = []
        self.classes: list[Taught] = []
        self.turn = 0
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
        self.house: House = await self.stack.enter_async_context(house())
        places = [await factories.facility(name=f"Place {n}") for n in range(PLACES)]
        self.places = [gid(FacilityRef(row.id)) for row in places]
        self.admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
        self.officers = [await factories.user(role=Role.FACILITY_ADMIN, facility=row) for row in places]
        self.programs = [gid(NativeProgramRef((await factories.program(name=name)).id)) for name in ("Arts", "Trades")]

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    def change(self, mutation: str, selection: str, **given: Any) -> Reply:
        reply: Reply = self.run(ask(self.house, self.admin, mutation, selection, **given))
        return reply

    def held(self, taught: Taught) -> list[int]:
        """Who has a seat."""
        return [who for who, (_, status) in taught.people.items() if status is ENROLLED and self.people[who].active]

    def has_seat(self, taught: Taught) -> bool:
        return taught.capacity is None or len(self.held(taught)) < taught.capacity

    @rule(where=place)
    def create_a_person(self, where: int) -> None:
        name = f"person{len(self.people)}"
        given = {"username": name, "firstName": name, "facilityId": self.places[where]}
        self.people.append(Person(self.change("createUser", "user { id }", **given).subject["user"]["id"], where))

    @rule(where=place, program=st.integers(0, 1), capacity=st.sampled_from([None, 1, 2]))
    def create_a_class(self, where: int, program: int, capacity: int | None) -> None:
        given = {"programId": self.programs[program], "facilityId": self.places[where], "capacity": capacity}
        made = self.change("createClass", "class { id status }", name="Class", **given).subject["class"]
        self.classes.append(Taught(made["id"], program, where, capacity))

    @precondition(lambda self: self.classes and self.people)
    @rule(which=index, whom=st.lists(index, min_size=1, max_size=3))
    def enrol(self, which: int, whom: list[int]) -> None:
        taught = self.classes[which % len(self.classes)]
        people = list(dict.fromkeys(n % len(self.people) for n in whom))
        reply = self.change(
            "enrollUsers",
            "results { outcome enrollment { id } }",
            classId=taught.id,
            userIds=[self.people[who].id for who in people],
        )
        if taught.status not in OPEN:
            assert reply.codes == ["ConflictError"]
            return
        for who, result in zip(people, reply.subject["results"], strict=True):
            before = taught.people.get(who, ("", None))[1]
            if before is ENROLLED:
                assert result["outcome"] == "ALREADY_ENROLLED"
            elif not self.people[who].active:
                assert result["outcome"] == "DEACTIVATED"
            elif not self.has_seat(taught):
                assert result["outcome"] == "NO_SEAT"
            else:
                assert result["outcome"] == "ENROLLED"
                taught.people[who] = (result["enrollment"]["id"], ENROLLED)

    @precondition(lambda self: any(taught.people for taught in self.classes))
    @rule(which=index, whom=index, status=st.sampled_from(list(EnrollmentStatus)))
    def say_how_somebody_left_or_came_back(self, which: int, whom: int, status: EnrollmentStatus) -> None:
        with_people = [taught for taught in self.classes if taught.people]
        taught = with_people[which % len(with_people)]
        who = list(taught.people)[whom % len(taught.people)]
        id, before = taught.people[who]
        reply = self.change("updateEnrollment", "enrollment { status }", id=id, status=status.value)
        possible = taught.status in OPEN and self.people[who].active and self.has_seat(taught)
        if status is ENROLLED and before is not ENROLLED and not possible:
            assert reply.codes == ["ConflictError"]
        else:
            assert (reply.codes, reply.subject["enrollment"]) == ([], {"status": status.value})
            taught.people[who] = (id, status)

    @precondition(lambda self: self.classes)
    @rule(which=index, status=st.sampled_from(list(ClassStatus)))
    def change_a_classs_status(self, which: int, status: ClassStatus) -> None:
        taught = self.classes[which % len(self.classes)]
        reply = self.change("updateClass", "class { status }", id=taught.id, status=status.value)
        assert (reply.codes, reply.subject["class"]) == ([], {"status": status.value})
        if status is ClassStatus.CANCELLED and taught.status is not ClassStatus.CANCELLED:
            self.end(taught, list(taught.people), EnrollmentStatus.CANCELLED)
        taught.status = status

    @precondition(lambda self: self.classes)
    @rule(which=index, capacity=st.sampled_from([None, 1, 2, 3]))
    def change_a_classs_seats(self, which: int, capacity: int | None) -> None:
        taught = self.classes[which % len(self.classes)]
        reply = self.change("updateClass", "class { id }", id=taught.id, capacity=capacity)
        if capacity not in (None, taught.capacity) and len(self.held(taught)) > capacity:
            assert reply.codes == ["ConflictError"]
        else:
            assert reply.codes == []
            taught.capacity = capacity

    @precondition(lambda self: self.classes)
    @rule(which=index)
    def delete_a_class(self, which: int) -> None:
        taught = self.classes[which % len(self.classes)]
        reply = self.change("deleteClass", "deletedClassId", id=taught.id)
        assert reply.codes == (["ConflictError"] if taught.people else [])
        if not taught.people:
            self.classes.remove(taught)

    @precondition(lambda self: self.people)
    @rule(whom=index, where=place)
    def move(self, whom: int, where: int) -> None:
        who = whom % len(self.people)
        one = self.people[who]
        assert self.change("updateUser", "user { id }", id=one.id, facilityId=self.places[where]).codes == []
        for taught in self.classes:
            if taught.place == one.place != where:
                self.end(taught, [who], EnrollmentStatus.TRANSFERRED)
        one.place = where

    @precondition(lambda self: self.people)
    @rule(whom=index)
    def deactivate(self, whom: int) -> None:
        one = self.people[whom % len(self.people)]
        assert self.change("deactivateUser", "user { id }", id=one.id).codes == []
        one.active = False

    @precondition(lambda self: self.people)
    @rule(whom=index)
    def reactivate(self, whom: int) -> None:
        who = whom % len(self.people)
        one = self.people[who]
        theirs = [t for t in self.classes if t.status in OPEN and t.people.get(who, ("", None))[1] is ENROLLED]
        possible = one.active or all(self.has_seat(taught) for taught in theirs)
        reply = self.change("reactivateUser", "user { id }", id=one.id)
        assert reply.codes == ([] if possible else ["ConflictError"])
        one.active = one.active or possible

    def end(self, taught: Taught, people: list[int], status: EnrollmentStatus) -> None:
        for who in people:
            id, before = taught.people.get(who, ("", None))
            if before is ENROLLED:
                taught.people[who] = (id, status)

    @invariant()
    def every_count_is_that_of_what_is_true_now(self) -> None:
        if not hasattr(self, "officers"):
            return
        statewide, *views = self.seen(self.admin, [None, *self.places])
        self.check(statewide, range(PLACES), self.classes)
        self.turn = (self.turn + 1) % PLACES
        assert [views[self.turn]] == self.seen(self.officers[self.turn], [None])
        for where, view in enumerate(views):
            shown = [t for t in self.classes if t.place == where or self.takers(t, [where])]
            self.check(view, [where], shown)
        for id, metrics in statewide["programs"].items():
            parts = [view["programs"][id] for view in views if id in view["programs"]]
            for name in ("activeEnrollmentCount", "totalEnrollmentCount", "enrolledResidentCount"):
                assert metrics[name] == sum(part[name] for part in parts) >= 0

    def seen(self, viewer: User, places: list[str | None]) -> list[dict[str, Any]]:
        """What each view shows, of everything and of each facility: programs with their numbers, and classes."""
        asked = [VIEW.format(name=n, id="null" if id is None else f'"{id}"') for n, id in enumerate(places)]
        data: dict[str, Any] = self.run(self.house.data("{" + "".join(asked) + "}" + FRAGMENTS, viewer))
        return [self.view(data[f"programs{n}"]["nodes"], data[f"classes{n}"]["nodes"]) for n in range(len(places))]

    def view(self, programs: list[dict[str, Any]], classes: list[dict[str, Any]]) -> dict[str, Any]:
        """AC-11: the classes of the list are those of its programs, with the same numbers."""
        listed = {row["id"]: row for row in classes}
        assert listed == {row["id"]: row for program in programs for row in program["classes"]["nodes"]}
        return {"classes": listed, "programs": {row["id"]: row["metrics"] for row in programs}}

    def takers(self, taught: Taught, places: Any) -> list[int]:
        """Who of those places is or was in a class, deactivated people too."""
        return [who for who in taught.people if self.people[who].place in places]

    def statuses(self, taught: Taught, places: Any) -> Counter[EnrollmentStatus]:
        return Counter(taught.people[who][1] for who in self.takers(taught, places) if self.people[who].active)

    def check(self, seen: dict[str, Any], places: Any, shown: list[Taught]) -> None:
        assert seen["classes"].keys() == {taught.id for taught in shown}
        for taught in shown:
            row, statuses = seen["classes"][taught.id], self.statuses(taught, places)
            assert row["enrolledCount"] == row["roster"]["totalCount"] == statuses[ENROLLED]
            assert row["completedCount"] == statuses[COMPLETED]
            by_place = {part["facility"]["id"]: part["enrolledCount"] for part in row["enrollmentsByFacility"]}
            expected = {self.places[where]: self.statuses(taught, [where])[ENROLLED] for where in places}
            assert by_place == {id: count for id, count in expected.items() if count}
            assert row["capacity"] is None or self.statuses(taught, range(PLACES))[ENROLLED] <= row["capacity"]
        for number, id in enumerate(self.programs):
            if id in seen["programs"]:
                self.check_program(seen["programs"][id], places, [t for t in shown if t.program == number])

    def check_program(self, metrics: dict[str, Any], places: Any, taught: list[Taught]) -> None:
        running = [one for one in taught if one.status is ClassStatus.ACTIVE]
        active = [who for one in running for who in self.held(one) if self.people[who].place in places]
        every: Counter[EnrollmentStatus] = sum((self.statuses(one, places) for one in taught), Counter())
        finished = every[ENROLLED] + every[COMPLETED]
        assert (metrics["classCount"], metrics["activeClassCount"]) == (len(taught), len(running))
        assert metrics["activeEnrollmentCount"] == len(active)
        assert metrics["enrolledResidentCount"] == len(set(active))
        assert metrics["completionRate"] == (every[COMPLETED] / finished if finished else None)
        assert metrics["totalEnrollmentCount"] >= metrics["activeEnrollmentCount"] >= 0


def test_native_counts_over_any_sequence_of_changes_are_those_of_the_final_state(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-10, AC-11, AC-12, AC-13, AC-14."""
    monkeypatch.setattr(Counting, "database", request.getfixturevalue("_migrated"), raising=False)
    run_state_machine_as_test(
        Counting,
        settings=settings(
            max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
