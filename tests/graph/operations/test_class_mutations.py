"""Creating, changing and deleting classes: who may, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from db.models import AuditEntry, Enrollment, EnrollmentChange, Facility, Program, ProgramFacility, SchoolClass, User
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.refs import CanvasClassRef, CanvasProgramRef, FacilityRef, NativeClassRef, NativeProgramRef
from domain.teams import class_key
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid
from tests.support.mutations import ask, stored

CLASS = """class { id name status startDate endDate capacity creditHours instructors timeZone
  program { name } facility { name } enrolledCount deleteBlockers }"""


@dataclass
class Place:
    north: Facility
    south: Facility
    trades: Program
    department: User
    warden: User
    """The facility admin of North, where Trades is offered."""


@pytest.fixture
async def place(house: House) -> Place:
    north = await factories.facility(name="North", time_zone="America/Chicago")
    trades = await factories.program(name="Trades")
    await factories.program_facility(program=trades, facility=north)
    return Place(
        north,
        await factories.facility(name="South"),
        trades,
        await factories.user(role=Role.DEPARTMENT_ADMIN),
        await factories.user(role=Role.FACILITY_ADMIN, facility=north),
    )


def at(facility: Facility, program: Program, **given: Any) -> dict[str, Any]:
    ids = {"programId": gid(NativeProgramRef(program.id)), "facilityId": gid(FacilityRef(facility.id))}
    return {"name": "Welding", **ids, **given}


def of(row: SchoolClass) -> str:
    return gid(NativeClassRef(row.id))


async def test_a_facility_admin_creates_a_class_of_a_program_offered_there(house: House, place: Place) -> None:
    given = {"startDate": "2026-03-02", "endDate": "2026-06-01", "capacity": 12, "creditHours": 1.5}
    reply = await ask(
        house, place.warden, "createClass", CLASS, **at(place.north, place.trades, **given, instructors=["Ann O'Neil"])
    )
    assert reply.errors == []
    row = await SchoolClass.get()
    assert reply.subject["class"] == {
        "id": of(row),
        "name": "Welding",
        "status": "ACTIVE",
        "instructors": ["Ann O'Neil"],
        "timeZone": "America/Chicago",
        "program": {"name": "Trades"},
        "facility": {"name": "North"},
        "enrolledCount": 0,
        "deleteBlockers": [],
        **given,
    }
    entry = await AuditEntry.get()
    assert (entry.action, entry.facility_id, entry.after["start_date"]) == ("createClass", place.north.id, "2026-03-02")


async def test_a_class_that_starts_tomorrow_where_it_is_taught_is_scheduled(house: House, place: Place) -> None:
    """The clock says noon of 2 March in Chicago; at 3:00 UTC the next day it is still 2 March there."""
    house.clock.pass_(hours=9)
    starts = {"2026-03-02": "ACTIVE", "2026-03-03": "SCHEDULED"}
    for day, status in starts.items():
        reply = await ask(house, place.warden, "createClass", CLASS, **at(place.north, place.trades, startDate=day))
        assert reply.subject["class"]["status"] == status


async def test_a_department_admins_class_makes_its_program_offered_there(house: House, place: Place) -> None:
    reply = await ask(house, place.department, "createClass", CLASS, **at(place.south, place.trades, status="PAUSED"))
    assert (reply.errors, reply.subject["class"]["status"]) == ([], "PAUSED")
    assert await ProgramFacility.filter(program=place.trades, facility=place.south).count() == 1


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": ""}, ["name"]),
        ({"capacity": 0}, ["capacity"]),
        ({"creditHours": -1.0}, ["creditHours"]),
        ({"startDate": "2026-03-02", "endDate": "2026-03-01"}, ["endDate"]),
        ({"instructors": [" "]}, ["instructors"]),
    ],
)
async def test_an_unusable_value_of_a_new_class_names_its_field(
    house: House, place: Place, given: dict[str, Any], path: list[str]
) -> None:
    before = await stored()
    reply = await ask(house, place.warden, "createClass", CLASS, **at(place.north, place.trades, **given))
    assert (reply.codes, reply.paths, reply.subject) == (["InvalidInputError"], [path], {"class": None})
    assert await stored() == before


async def test_a_facility_admin_creates_no_class_elsewhere_or_of_what_is_not_offered(
    house: House, place: Place
) -> None:
    elsewhere = await ask(house, place.warden, "createClass", CLASS, **at(place.south, place.trades))
    assert (elsewhere.codes, elsewhere.paths) == (["NotFoundError"], [["facilityId"]])
    arts = await factories.program(name="Arts")
    unseen = await ask(house, place.warden, "createClass", CLASS, **at(place.north, arts))
    assert (unseen.codes, unseen.paths) == (["NotFoundError"], [["programId"]])
    pottery = await factories.school_class(program=arts, facility=place.south)
    await factories.enrollment(school_class=pottery, user=await factories.user(facility=place.north))
    seen = await ask(house, place.warden, "createClass", CLASS, **at(place.north, arts))
    assert (seen.codes, seen.paths) == (["ConflictError"], [["programId"]])
    assert await SchoolClass.all().count() == 1


async def test_no_class_is_created_in_canvas_or_of_an_archived_program(house: House, place: Place) -> None:
    canvas = await house.canvas(World())
    old = await factories.program(archived_at=house.clock.now)
    given = at(place.north, old) | {"programId": gid(CanvasProgramRef(canvas.id))}
    assert (await ask(house, place.department, "createClass", CLASS, **given)).codes == ["ReadOnlyError"]
    archived = await ask(house, place.department, "createClass", CLASS, **at(place.north, old))
    assert (archived.codes, archived.paths) == (["ConflictError"], [["programId"]])
    student = await factories.user(facility=place.north)
    assert (await ask(house, student, "createClass", CLASS, **at(place.north, place.trades))).codes == [
        "NotAllowedError"
    ]
    missing = at(place.north, place.trades) | {"facilityId": gid(FacilityRef(404))}
    assert (await ask(house, place.department, "createClass", CLASS, **missing)).codes == ["NotFoundError"]
    assert await SchoolClass.all().count() == 0


async def test_what_is_given_changes_and_null_takes_away(house: House, place: Place) -> None:
    row = await factories.school_class(
        name="Welding", program=place.trades, facility=place.north, capacity=5, end_date="2026-05-01"
    )
    reply = await ask(
        house, place.warden, "updateClass", CLASS, id=of(row), name="Welding II", capacity=None, startDate="2026-05-01"
    )
    assert reply.errors == []
    shown = reply.subject["class"]
    assert (shown["name"], shown["capacity"], shown["startDate"], shown["endDate"]) == (
        "Welding II",
        None,
        "2026-05-01",
        "2026-05-01",
    )
    entry = await AuditEntry.get()
    assert entry.before == {"name": "Welding", "capacity": 5, "start_date": None}
    assert entry.after == {"name": "Welding II", "capacity": None, "start_date": "2026-05-01"}


async def test_cancelling_ends_the_open_enrolments_and_their_history_says_so(house: House, place: Place) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north)
    there, done, away = [
        await factories.enrollment(school_class=row, user=await factories.user(facility=place.north), **given)
        for given in ({}, {"status": EnrollmentStatus.COMPLETED}, {})
    ]
    await User.filter(id=away.user_id).update(deactivated_at=house.clock.now)
    reply = await ask(house, place.warden, "updateClass", CLASS, id=of(row), status="CANCELLED")
    assert (reply.errors, reply.subject["class"]["enrolledCount"]) == ([], 0)
    statuses = dict(await Enrollment.all().values_list("id", "status"))
    assert statuses == {
        there.id: EnrollmentStatus.CANCELLED,
        done.id: EnrollmentStatus.COMPLETED,
        away.id: EnrollmentStatus.CANCELLED,
    }
    assert (await Enrollment.get(id=there.id)).ended_at == house.clock.now
    steps = await EnrollmentChange.all().order_by("enrollment_id")
    assert [(s.enrollment_id, s.from_status, s.to_status, s.by_id, s.reason) for s in steps] == [
        (id, EnrollmentStatus.ENROLLED, EnrollmentStatus.CANCELLED, place.warden.id, "The class was cancelled.")
        for id in (there.id, away.id)
    ]
    assert (await AuditEntry.get()).after == {"status": "CANCELLED", "ended_enrollments": 2}


@pytest.mark.parametrize("status", ["PAUSED", "COMPLETED", "SCHEDULED"])
async def test_pausing_and_completing_leave_the_enrolments(house: House, place: Place, status: str) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north)
    await factories.enrollment(school_class=row, user=await factories.user(facility=place.north))
    reply = await ask(house, place.warden, "updateClass", CLASS, id=of(row), status=status)
    assert (reply.errors, reply.subject["class"]["status"], reply.subject["class"]["enrolledCount"]) == ([], status, 1)


async def test_there_are_never_fewer_seats_than_people(house: House, place: Place) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north)
    for facility in (place.north, place.south):
        await factories.enrollment(school_class=row, user=await factories.user(facility=facility))
    before = await stored()
    reply = await ask(house, place.warden, "updateClass", CLASS, id=of(row), capacity=1)
    assert (reply.codes, reply.paths) == (["ConflictError"], [["capacity"]])
    assert reply.errors[0]["message"] == "2 people are enrolled: there cannot be fewer seats."
    assert await stored() == before
    assert (await ask(house, place.warden, "updateClass", CLASS, id=of(row), capacity=2)).errors == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": None}, ["name"]),
        ({"status": None}, ["status"]),
        ({"capacity": -1}, ["capacity"]),
        ({"endDate": "2026-01-01"}, ["endDate"]),
    ],
)
async def test_an_unusable_change_of_a_class_names_its_field(
    house: House, place: Place, given: dict[str, Any], path: list[str]
) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north, start_date="2026-02-01")
    before = await stored()
    reply = await ask(house, place.warden, "updateClass", CLASS, id=of(row), **given)
    assert (reply.codes, reply.paths) == (["InvalidInputError"], [path])
    assert await stored() == before


async def test_a_class_of_an_archived_program_is_not_opened_again(house: House, place: Place) -> None:
    old = await factories.program(archived_at=house.clock.now)
    row = await factories.school_class(program=old, facility=place.north, status=ClassStatus.COMPLETED)
    before = await stored()
    assert (await ask(house, place.warden, "updateClass", CLASS, id=of(row), status="ACTIVE")).codes == [
        "ConflictError"
    ]
    assert await stored() == before


async def test_a_class_nobody_was_in_is_deleted(house: House, place: Place) -> None:
    row = await factories.school_class(name="Welding", program=place.trades, facility=place.north)
    reply = await ask(house, place.warden, "deleteClass", "deletedClassId", id=of(row))
    assert (reply.errors, reply.subject) == ([], {"deletedClassId": of(row)})
    data = await house.data(
        "query($id: ID!) { class(id: $id) { id } classes { totalCount } }", place.warden, id=of(row)
    )
    assert data == {"class": None, "classes": {"totalCount": 0}}
    assert (await AuditEntry.get()).before == {"name": "Welding"}
    again = await ask(house, place.warden, "deleteClass", "deletedClassId", id=of(row))
    assert again.codes == ["NotFoundError"]


async def test_a_class_with_history_is_not_deleted_even_if_it_is_nobodys_one_sees(house: House, place: Place) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north)
    gone = await factories.user(facility=place.south, deactivated_at=house.clock.now)
    await factories.enrollment(school_class=row, user=gone, status=EnrollmentStatus.DROPPED)
    before = await stored()
    reply = await ask(house, place.warden, "deleteClass", "deletedClassId", id=of(row))
    assert (reply.codes, reply.subject) == (["ConflictError"], {"deletedClassId": None})
    assert await stored() == before
    blockers = "query($id: ID!) { class(id: $id) { deleteBlockers } }"
    shown = (await house.data(blockers, place.warden, id=of(row)))["class"]["deleteBlockers"]
    assert reply.errors[0]["message"] == f"This class cannot be deleted. {shown[0]}"


async def test_a_class_with_teams_or_sessions_is_not_deleted_until_they_are(house: House, place: Place) -> None:
    row = await factories.school_class(program=place.trades, facility=place.north)
    team = await factories.team(school_class=row, class_key=class_key(NativeClassRef(row.id)))
    session = await factories.class_event(school_class=row)
    blockers = "query($id: ID!) { class(id: $id) { deleteBlockers } }"
    shown = (await house.data(blockers, place.warden, id=of(row)))["class"]["deleteBlockers"]
    assert shown == ["It has teams: delete them first.", "It has sessions: delete them first."]
    reply = await ask(house, place.warden, "deleteClass", "deletedClassId", id=of(row))
    assert (reply.codes, reply.subject) == (["ConflictError"], {"deletedClassId": None})
    assert reply.errors[0]["message"] == f"This class cannot be deleted. {' '.join(shown)}"
    team.deleted_at = house.clock.now
    await team.save()
    await session.delete()
    assert (await ask(house, place.warden, "deleteClass", "deletedClassId", id=of(row))).codes == []


@pytest.mark.parametrize(("mutation", "given"), [("updateClass", {"name": "X"}), ("deleteClass", {})])
async def test_classes_of_others_and_of_canvas_are_left_alone(
    house: House, place: Place, mutation: str, given: dict[str, Any]
) -> None:
    foreign = await factories.school_class(program=place.trades, facility=place.south)
    shared = await factories.school_class(program=place.trades, facility=place.south)
    resident = await factories.user(facility=place.north)
    await factories.enrollment(school_class=shared, user=resident)
    canvas = await house.canvas(World())
    course = gid(CanvasClassRef(canvas.id, "7"))
    before = await stored()
    cases = [
        (place.warden, of(foreign), "NotFoundError"),
        (place.warden, of(shared), "NotAllowedError"),
        (resident, of(shared), "NotAllowedError"),
        (place.department, gid(NativeClassRef(404)), "NotFoundError"),
        (place.department, "nonsense", "NotFoundError"),
        (place.department, course, "ReadOnlyError"),
        (place.warden, course, "ReadOnlyError"),
    ]
    for viewer, id, code in cases:
        assert (await ask(house, viewer, mutation, "__typename", id=id, **given)).codes == [code]
    assert await stored() == before
    assert house.calls(canvas) == []
