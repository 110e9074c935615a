"""Creating, changing, moving and deactivating people: who may, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from db.models import AuditEntry, Enrollment, EnrollmentChange, Facility, ProviderLink, User
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.refs import FacilityRef, UserRef
from tests import factories
from tests.support.house import House, gid
from tests.support.mutations import ask, stored

USER = "user { id username firstName lastName fullName email docId role facility { name } deactivatedAt }"


@dataclass
class Place:
    north: Facility
    south: Facility
    system: User
    department: User
    warden: User
    """The facility admin of North."""


@pytest.fixture
async def place(house: House) -> Place:
    north, south = await factories.facility(name="North"), await factories.facility(name="South")
    system, department = [await factories.user(role=role) for role in (Role.SYSTEM_ADMIN, Role.DEPARTMENT_ADMIN)]
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=north, username="warden", doc_id="D-1")
    return Place(north, south, system, department, warden)


def of(row: User) -> str:
    return gid(UserRef(row.id))


def at(facility: Facility) -> str:
    return gid(FacilityRef(facility.id))


NEW = {"username": "sreed", "firstName": "Sam", "lastName": "Reed"}


async def test_a_facility_admin_creates_a_student_of_the_own_facility(house: House, place: Place) -> None:
    given = {**NEW, "email": "sam@example.org", "docId": "D-2"}
    reply = await ask(house, place.warden, "createUser", USER, **given)
    row = await User.get(username="sreed")
    assert (reply.errors, reply.subject["user"]) == (
        [],
        {
            "id": of(row),
            "fullName": "Sam Reed",
            "role": "STUDENT",
            "facility": {"name": "North"},
            "deactivatedAt": None,
            **given,
        },
    )
    entry = await AuditEntry.get()
    assert (entry.action, entry.facility_id, entry.after["username"]) == ("createUser", place.north.id, "sreed")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Seán", "O'Brien-Smith"),
        ("Анна", "Иванова"),
        ("محمد", "عبد الرحمن"),
        ("小明", "王"),
        ("D\u2019Angelo", "de la Cruz Jr."),
        ("Ngọc Ánh", "Nguyễn"),
        ("Prince", ""),
    ],
)
async def test_names_keep_the_letters_of_every_script(house: House, place: Place, first: str, last: str) -> None:
    """Against P-64, which stripped what is not a letter."""
    reply = await ask(
        house, place.warden, "createUser", USER, username="x", firstName=f" {first} ", lastName=last.replace(" ", "  ")
    )
    assert reply.errors == []
    assert (reply.subject["user"]["firstName"], reply.subject["user"]["lastName"]) == (first, last)


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"username": " "}, "InvalidInputError", ["username"]),
        ({"username": "sam reed"}, "InvalidInputError", ["username"]),
        ({"firstName": ""}, "InvalidInputError", ["firstName"]),
        ({"lastName": "Re\u0007ed"}, "InvalidInputError", ["lastName"]),
        ({"lastName": "\ud800"}, "InvalidInputError", ["lastName"]),
        ({"email": "sam"}, "InvalidInputError", ["email"]),
        ({"email": "@example.org"}, "InvalidInputError", ["email"]),
        ({"docId": "x" * 256}, "InvalidInputError", ["docId"]),
        ({"username": "WARDEN"}, "NameTakenError", ["username"]),
        ({"docId": "D-1"}, "NameTakenError", ["docId"]),
        ({"role": "FACILITY_ADMIN"}, "NotAllowedError", ["role"]),
        ({"facilityId": gid(FacilityRef(404))}, "NotFoundError", ["facilityId"]),
        ({"facilityId": "nonsense"}, "NotFoundError", ["facilityId"]),
    ],
)
async def test_a_person_that_cannot_be_made_is_a_typed_error(
    house: House, place: Place, given: dict[str, Any], code: str, path: list[str]
) -> None:
    before = await stored()
    reply = await ask(house, place.warden, "createUser", USER, **{**NEW, **given})
    assert (reply.codes, reply.paths, reply.subject) == ([code], [path], {"user": None})
    assert await stored() == before


async def test_nobody_gives_a_role_above_their_own(house: House, place: Place) -> None:
    """design.md, "Who may do what": the table of who may give which role."""
    may = {
        (place.warden, Role.STUDENT),
        *((place.department, role) for role in Role if role is not Role.SYSTEM_ADMIN),
        *((place.system, role) for role in Role),
    }
    student = await factories.user(facility=place.north)
    for viewer in (student, place.warden, place.department, place.system):
        for role in Role:
            given = {**NEW, "username": f"{viewer.id}-{role}", "role": role.value, "facilityId": at(place.north)}
            reply = await ask(house, viewer, "createUser", USER, **given)
            assert reply.codes == ([] if (viewer, role) in may else ["NotAllowedError"])
            person = await factories.user(role=role, facility=place.north)
            reply = await ask(house, viewer, "updateUser", USER, id=of(person), firstName="New")
            assert reply.codes == ([] if (viewer, role) in may else ["NotAllowedError"])


async def test_a_facility_admin_needs_a_facility_and_creates_nobody_elsewhere(house: House, place: Place) -> None:
    homeless = await ask(house, place.department, "createUser", USER, **NEW, role="FACILITY_ADMIN")
    assert (homeless.codes, homeless.paths) == (["InvalidInputError"], [["facilityId"]])
    elsewhere = await ask(house, place.warden, "createUser", USER, **NEW, facilityId=at(place.south))
    assert (elsewhere.codes, elsewhere.paths) == (["NotFoundError"], [["facilityId"]])
    nowhere = await ask(house, place.department, "createUser", USER, **NEW)
    assert (nowhere.errors, nowhere.subject["user"]["facility"]) == ([], None)


async def test_what_is_given_changes_and_lists_follow(house: House, place: Place) -> None:
    row = await factories.user(
        facility=place.north, username="sreed", first_name="Sam", last_name="Reed", email="s@example.org"
    )
    reply = await ask(
        house, place.warden, "updateUser", USER, id=of(row), username="SReed2", lastName="Ábel", email=None
    )
    assert reply.errors == []
    shown = reply.subject["user"]
    assert (shown["username"], shown["fullName"], shown["email"]) == ("SReed2", "Sam Ábel", None)
    entry = await AuditEntry.get()
    assert entry.before == {"username": "sreed", "last_name": "Reed", "email": "s@example.org"}
    assert entry.after == {"username": "SReed2", "last_name": "Ábel", "email": None}
    for search in ("sreed2", "sam abel"):
        found = await house.data(
            "query($s: String) { users(filter: {search: $s}) { totalCount } }", place.warden, s=search
        )
        assert found["users"]["totalCount"] == 1


async def test_a_changed_name_may_still_be_taken(house: House, place: Place) -> None:
    row = await factories.user(facility=place.north)
    before = await stored()
    for given, path in (({"username": "Warden"}, ["username"]), ({"docId": "D-1"}, ["docId"])):
        reply = await ask(house, place.warden, "updateUser", USER, id=of(row), **given)
        assert (reply.codes, reply.paths) == (["NameTakenError"], [path])
    invalid = await ask(house, place.warden, "updateUser", USER, id=of(row), firstName=None)
    assert (invalid.codes, invalid.paths) == (["InvalidInputError"], [["firstName"]])
    assert await stored() == before


async def told_of(house: House, viewer: User) -> list[tuple[Any, Any, Any]]:
    """What the audit log says to somebody: before, after and facility of each entry."""
    document = '{ auditLog(filter: {action: "updateUser"}) { nodes { before after facility { name } } } }'
    entries = (await house.data(document, viewer))["auditLog"]["nodes"]
    return [(entry["before"], entry["after"], entry["facility"]) for entry in entries]


async def test_a_transfer_keeps_the_link_and_ends_the_old_facilitys_enrolments(house: House, place: Place) -> None:
    ann = await factories.user(facility=place.north)
    here, full, there = [
        await factories.school_class(facility=facility, **given)
        for facility, given in ((place.north, {}), (place.north, {"status": ClassStatus.PAUSED}), (place.south, {}))
    ]
    rows = [await factories.enrollment(school_class=row, user=ann) for row in (here, full, there)]
    done = await factories.enrollment(school_class=here, user=ann, status=EnrollmentStatus.COMPLETED)
    link = await factories.link(user=ann)
    reply = await ask(house, place.department, "updateUser", USER, id=of(ann), facilityId=at(place.south))
    assert (reply.errors, reply.subject["user"]["facility"]) == ([], {"name": "South"})
    assert dict(await Enrollment.all().values_list("id", "status")) == {
        rows[0].id: EnrollmentStatus.TRANSFERRED,
        rows[1].id: EnrollmentStatus.TRANSFERRED,
        rows[2].id: EnrollmentStatus.ENROLLED,
        done.id: EnrollmentStatus.COMPLETED,
    }
    steps = await EnrollmentChange.all().order_by("id")
    assert [(step.enrollment_id, step.to_status, step.reason) for step in steps] == [
        (row.id, EnrollmentStatus.TRANSFERRED, "The person moved to another facility.") for row in rows[:2]
    ]
    assert (await ProviderLink.get(id=link.id)).unlinked_at is None
    assert await told_of(house, place.warden) == [
        ({"facility_id": place.north.id}, {"moved_away": True}, {"name": "North"})
    ]
    moved = {"facility_id": place.south.id, "ended_enrollments": 2, "revoked_feeds": 0}
    receiver = await factories.user(role=Role.FACILITY_ADMIN, facility=place.south)
    assert await told_of(house, receiver) == [({"facility_id": place.north.id}, moved, {"name": "South"})]
    assert len(await told_of(house, place.department)) == 2
    seen = "query($id: ID!) { node(id: $id) { id } }"
    assert (await house.data(seen, place.warden, id=of(ann)))["node"] is None


async def test_a_facility_admin_moves_nobody_away(house: House, place: Place) -> None:
    row = await factories.user(facility=place.north)
    before = await stored()
    for facility in (at(place.south), None):
        reply = await ask(house, place.warden, "updateUser", USER, id=of(row), facilityId=facility)
        assert (reply.codes, reply.paths) == (["NotFoundError"], [["facilityId"]])
    assert await stored() == before


async def test_nobody_changes_their_own_role_and_students_in_classes_stay_students(house: House, place: Place) -> None:
    enrolled, linked, free = [await factories.user(facility=place.north) for _ in range(3)]
    await factories.enrollment(user=enrolled)
    await factories.link(user=linked)
    before = await stored()
    own = await ask(house, place.department, "updateUser", USER, id=of(place.department), role="STUDENT")
    assert (own.codes, own.paths) == (["NotAllowedError"], [["role"]])
    for row in (enrolled, linked):
        reply = await ask(house, place.department, "updateUser", USER, id=of(row), role="FACILITY_ADMIN")
        assert (reply.codes, reply.paths) == (["ConflictError"], [["role"]])
    above = await ask(house, place.department, "updateUser", USER, id=of(free), role="SYSTEM_ADMIN")
    assert (above.codes, above.paths) == (["NotAllowedError"], [["role"]])
    assert await stored() == before
    reply = await ask(house, place.department, "updateUser", USER, id=of(free), role="FACILITY_ADMIN")
    assert (reply.errors, reply.subject["user"]["role"]) == ([], "FACILITY_ADMIN")


async def test_deactivating_takes_a_person_out_of_the_counts_and_reactivating_brings_them_back(
    house: House, place: Place
) -> None:
    """AC-14."""
    ann = await factories.user(facility=place.north)
    welding = await factories.school_class(facility=place.north, capacity=1)
    await factories.enrollment(school_class=welding, user=ann)
    counts = (
        "{ classes { nodes { enrolledCount roster { totalCount } } } users(filter: {role: STUDENT}) { totalCount } }"
    )
    gone = await ask(house, place.warden, "deactivateUser", USER, id=of(ann))
    assert (gone.errors, gone.subject["user"]["deactivatedAt"]) == ([], "2026-03-02T18:00:00+00:00")
    none = {"classes": {"nodes": [{"enrolledCount": 0, "roster": {"totalCount": 0}}]}, "users": {"totalCount": 0}}
    assert await house.data(counts, place.warden) == none
    assert await ask(house, place.warden, "deactivateUser", USER, id=of(ann)) == gone

    ben = await factories.user(facility=place.north)
    row = await factories.enrollment(school_class=welding, user=ben)
    full = await ask(house, place.warden, "reactivateUser", USER, id=of(ann))
    assert (full.codes, full.paths) == (["ConflictError"], [["id"]])
    assert welding.name in full.errors[0]["message"]
    await Enrollment.filter(id=row.id).update(status=EnrollmentStatus.DROPPED)

    back = await ask(house, place.warden, "reactivateUser", USER, id=of(ann))
    assert (back.errors, back.subject["user"]["deactivatedAt"]) == ([], None)
    assert await ask(house, place.warden, "reactivateUser", USER, id=of(ann)) == back
    data = await house.data(counts, place.warden)
    assert data["classes"]["nodes"] == [{"enrolledCount": 1, "roster": {"totalCount": 1}}]
    assert [entry.action for entry in await AuditEntry.all().order_by("id")] == ["deactivateUser", "reactivateUser"]


@pytest.mark.parametrize(
    ("mutation", "given"), [("updateUser", {"firstName": "X"}), ("deactivateUser", {}), ("reactivateUser", {})]
)
async def test_people_out_of_scope_do_not_exist_and_others_of_ones_rank_are_left_alone(
    house: House, place: Place, mutation: str, given: dict[str, Any]
) -> None:
    away = {"deactivated_at": house.clock.now} if mutation == "reactivateUser" else {}
    own, foreign, nowhere = [await factories.user(facility=f, **away) for f in (place.north, place.south, None)]
    colleague = await factories.user(role=Role.FACILITY_ADMIN, facility=place.north, **away)
    student = await factories.user(facility=place.north)
    before = await stored()
    cases = [
        (place.warden, of(foreign), "NotFoundError"),
        (place.warden, of(nowhere), "NotFoundError"),
        (place.warden, of(place.department), "NotFoundError"),
        (place.warden, of(colleague), "NotAllowedError"),
        (place.warden, of(place.warden), "NotAllowedError"),
        (place.department, of(place.system), "NotAllowedError"),
        (student, of(own), "NotAllowedError"),
        (student, of(student), "NotAllowedError"),
        (place.system, gid(UserRef(404)), "NotFoundError"),
        (place.system, at(place.north), "NotFoundError"),
    ]
    for viewer, id, code in cases:
        assert (await ask(house, viewer, mutation, USER, id=id, **given)).codes == [code]
    assert await stored() == before
    assert (await ask(house, place.warden, mutation, USER, id=of(own), **given)).errors == []


async def test_nobody_deactivates_themselves(house: House, place: Place) -> None:
    before = await stored()
    reply = await ask(house, place.system, "deactivateUser", USER, id=of(place.system))
    assert (reply.codes, reply.paths) == (["NotAllowedError"], [["id"]])
    assert await stored() == before
