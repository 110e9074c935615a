"""Programs, classes and enrolments: who sees them and what is counted."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from db.models import Enrollment, Facility, SchoolClass, User
from db.queries.classes import class_keys, classes_by_ids, classes_of_programs, totals_by_program
from db.queries.counts import counts_by_class, counts_by_class_and_facility, counts_by_program
from db.queries.enrollments import (
    changes_of_enrollments,
    enrollments_by_ids,
    enrollments_of_classes,
    enrollments_of_users,
)
from db.queries.programs import program_facilities, program_keys, programs_by_ids
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.rows import ClassTotals, ProgramCounts
from domain.scope import SYSTEM, Scope
from tests import factories as make
from tests.factories import NOW

ENROLLED, COMPLETED = EnrollmentStatus.ENROLLED, EnrollmentStatus.COMPLETED


@dataclass
class World:
    """A class at each of two facilities, of two programs; Ada (north) is in the first, Bob (south) in both."""

    north: Facility
    south: Facility
    ada: User
    bob: User
    first: SchoolClass
    second: SchoolClass

    @property
    def admin(self) -> Scope:
        return Scope(Role.FACILITY_ADMIN, 0, self.north.id)

    @property
    def student(self) -> Scope:
        return Scope(Role.STUDENT, self.ada.id, self.north.id)


@pytest.fixture
async def world(database: str) -> World:
    north, south = await make.facility(name="North", time_zone="America/Denver"), await make.facility(name="South")
    ada = await make.user(facility=north, last_name="Ada")
    bob = await make.user(facility=south, last_name="Bob")
    first = await make.school_class(facility=north, name="First", capacity=10)
    second = await make.school_class(facility=south, name="Second")
    for user, school_class in ((ada, first), (bob, first), (bob, second)):
        await make.enrollment(user=user, school_class=school_class)
    return World(north, south, ada, bob, first, second)


async def classes(scope: Scope, **narrowed: object) -> list[int]:
    return [key[1] for key in await class_keys(scope, **narrowed)]  # type: ignore[arg-type]


async def programs(scope: Scope, **narrowed: object) -> list[int]:
    return [key[1] for key in await program_keys(scope, **narrowed)]  # type: ignore[arg-type]


async def test_classes_are_seen_by_facility_by_student_and_by_all(world: World) -> None:
    # D-09a
    assert await classes(world.admin) == [world.first.id]
    assert await classes(world.student) == [world.first.id]
    assert await classes(SYSTEM) == [world.first.id, world.second.id]
    assert await classes_by_ids(world.admin, [world.second.id]) == []
    assert await classes_by_ids(world.student, [world.second.id]) == []
    [row] = await classes_by_ids(world.admin, [world.first.id])
    assert (row.name, row.time_zone, row.status) == ("First", "America/Denver", ClassStatus.ACTIVE)


async def test_programs_are_seen_where_offered_or_taught_and_by_their_students(world: World) -> None:
    offered, foreign = await make.program(name="Offered"), await make.program(name="Foreign")
    await make.program_facility(program=offered, facility=world.north)
    await make.program_facility(program=foreign, facility=world.south)
    assert sorted(await programs(world.admin)) == sorted([offered.id, world.first.program_id])
    assert await programs(world.student) == [world.first.program_id]
    assert len(await programs(SYSTEM)) == 4
    assert await programs_by_ids(world.admin, [foreign.id]) == []
    assert await program_facilities([offered.id, foreign.id, 0]) == {
        offered.id: [world.north.id],
        foreign.id: [world.south.id],
    }


async def test_one_facilitys_view_is_what_its_admin_sees(world: World) -> None:
    # D-09; Bob of the south is in the north's class too.
    south = Scope(Role.FACILITY_ADMIN, 0, world.south.id)
    assert await classes(SYSTEM, facility_id=world.south.id) == [world.first.id, world.second.id]
    assert await classes(south) == [world.first.id, world.second.id]
    assert await programs(SYSTEM, facility_id=world.south.id) == await programs(south)
    # What is elsewhere cannot be told from what never was.
    assert await classes(world.admin, facility_id=world.south.id) == await classes(world.admin, facility_id=0) == []


async def test_a_person_who_moves_takes_their_classes_into_sight(world: World) -> None:
    await User.filter(id=world.bob.id).update(facility_id=world.north.id)
    assert await classes(world.admin) == [world.first.id, world.second.id]
    assert await counts_by_class(world.admin, [world.first.id, world.second.id], ENROLLED) == {
        world.first.id: 2,
        world.second.id: 1,
    }


async def test_lists_are_narrowed(world: World) -> None:
    await SchoolClass.filter(id=world.second.id).update(status=ClassStatus.PAUSED)
    assert await classes(SYSTEM, status=[ClassStatus.PAUSED]) == [world.second.id]
    assert await classes(SYSTEM, program_ids=[world.first.program_id]) == [world.first.id]
    assert await classes(SYSTEM, search="SECO") == [world.second.id]
    assert [row.id for row in await classes_of_programs(SYSTEM, [world.second.program_id])] == [world.second.id]
    archived = await make.program(archived_at=NOW, name="Old")
    sleeping = await make.program(is_active=False, name="Sleeping")
    assert await programs(SYSTEM, archived=True) == [archived.id]
    assert await programs(SYSTEM, is_active=False) == [sleeping.id]
    assert await programs(SYSTEM, search="sleep ing") == [sleeping.id]


async def test_a_deleted_class_is_nowhere(world: World) -> None:
    await SchoolClass.filter(id=world.first.id).update(deleted_at=NOW)
    assert await classes(SYSTEM) == [world.second.id]
    assert await enrollments_of_users(SYSTEM, [world.ada.id]) == []
    assert await programs(world.student) == []
    assert await counts_by_program(SYSTEM, [world.first.program_id]) == {}


async def test_a_facility_admin_counts_only_the_own_people(world: World) -> None:
    # AC-12
    both = [world.first.id, world.second.id]
    assert await counts_by_class(SYSTEM, both, ENROLLED) == {world.first.id: 2, world.second.id: 1}
    assert await counts_by_class(world.admin, both, ENROLLED) == {world.first.id: 1}
    assert await counts_by_class(SYSTEM, both, ENROLLED, world.south.id) == {world.first.id: 1, world.second.id: 1}
    assert await counts_by_class_and_facility(SYSTEM, both) == {
        world.first.id: {world.north.id: 1, world.south.id: 1},
        world.second.id: {world.south.id: 1},
    }
    assert await counts_by_class_and_facility(world.admin, both) == {world.first.id: {world.north.id: 1}}


async def test_a_roster_has_as_many_rows_as_the_class_says(world: World) -> None:
    # AC-03
    await make.enrollment(school_class=world.first, user=await make.user(facility=world.north, deactivated_at=NOW))
    await make.enrollment(school_class=world.first, user=await make.user(facility=world.north), status=COMPLETED)
    for scope, view in ((SYSTEM, None), (SYSTEM, world.south.id), (world.admin, None), (world.student, None)):
        for status in (ENROLLED, COMPLETED):
            rows = await enrollments_of_classes(scope, [world.first.id], [status], view)
            count = await counts_by_class(scope, [world.first.id], status, view)
            assert len(rows.get(world.first.id, [])) == count.get(world.first.id, 0), (scope, view, status)
    everybody = await enrollments_of_classes(SYSTEM, [world.first.id])
    assert [row.user_id for row in everybody[world.first.id]][:2] == [world.ada.id, world.bob.id]


async def test_program_counts_follow_the_definitions(world: World) -> None:
    # AC-11, AC-13, AC-14
    program = world.first.program_id
    ended = await make.school_class(program_id=program, facility=world.north, status=ClassStatus.COMPLETED, capacity=5)
    for school_class, user, status in (
        (ended, world.ada, COMPLETED),
        (ended, world.bob, ENROLLED),
        (world.first, world.ada, EnrollmentStatus.WITHDRAWN),
        (world.first, await make.user(deactivated_at=NOW), ENROLLED),
        (await make.school_class(program_id=program, facility=world.south), world.ada, ENROLLED),
    ):
        await make.enrollment(school_class=school_class, user=user, status=status)
    statewide = await counts_by_program(SYSTEM, [program, 0])
    assert statewide == {
        program: ProgramCounts(active=3, residents=2, enrolled=4, completed=1, total=6, seated=2),
    }
    north = await counts_by_program(world.admin, [program])
    south = await counts_by_program(SYSTEM, [program], world.south.id)
    assert north[program].active + south[program].active == statewide[program].active
    assert await totals_by_program(SYSTEM, [program]) == {program: ClassTotals(classes=3, active=2, capacity=10)}
    assert await totals_by_program(SYSTEM, [world.second.program_id]) == {
        world.second.program_id: ClassTotals(classes=1, active=1, capacity=None)
    }


async def test_enrolments_are_seen_by_person(world: World) -> None:
    all_of_them = [row.id for row in await Enrollment.all()]
    assert [row.user_id for row in await enrollments_by_ids(world.admin, all_of_them)] == [world.ada.id]
    assert [row.user_id for row in await enrollments_of_users(world.student, [world.ada.id, world.bob.id])] == [
        world.ada.id
    ]
    assert len(await enrollments_of_users(SYSTEM, [world.bob.id], [ENROLLED])) == 2
    assert await enrollments_of_users(SYSTEM, [world.bob.id], [COMPLETED]) == []


async def test_an_unknown_date_is_none(world: World) -> None:
    # AC-01
    [row] = await enrollments_of_users(SYSTEM, [world.ada.id])
    assert (row.enrolled_at, row.ended_at) == (None, None)


async def test_the_history_of_an_enrolment_is_in_order_and_scoped(world: World) -> None:
    [ada] = await enrollments_of_users(SYSTEM, [world.ada.id])
    [bob, *_] = await enrollments_of_users(SYSTEM, [world.bob.id])
    for status in (ENROLLED, COMPLETED):
        await make.enrollment_change(enrollment_id=ada.id, to_status=status)
    await make.enrollment_change(enrollment_id=bob.id)
    found = await changes_of_enrollments(world.admin, [ada.id, bob.id])
    assert [(row.enrollment_id, row.to_status) for row in found] == [(ada.id, ENROLLED), (ada.id, COMPLETED)]


async def test_more_ids_than_one_statement_takes(world: World) -> None:
    assert len(await classes_by_ids(SYSTEM, range(60_000))) == 2


async def test_lists_in_columns_come_back_as_tuples(world: World) -> None:
    program = await make.program(types=["Vocational"], credit_types=["Earned time", "Education"])
    [row] = await programs_by_ids(SYSTEM, [program.id])
    assert json.dumps([row.types, row.credit_types]) == '[["Vocational"], ["Earned time", "Education"]]'
    assert isinstance(row.types, tuple)
