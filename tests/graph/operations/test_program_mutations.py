"""Changing programs: who may, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, Facility, Program, ProgramFacility, User
from domain.enums import ClassStatus, Role
from domain.refs import CanvasProgramRef, FacilityRef, NativeProgramRef
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid
from tests.support.mutations import ask, stored

PROGRAM = "program { id name description isActive types creditTypes fundingType archivedAt facilities { name } }"
CHANGES = {
    "updateProgram": {"name": "Arts"},
    "archiveProgram": {},
    "restoreProgram": {},
    "setProgramFacilities": {"facilityIds": []},
}


@pytest.fixture
async def admin(house: House) -> User:
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


@pytest.fixture
async def north(house: House) -> Facility:
    return await factories.facility(name="North")


def of(row: Program) -> str:
    return gid(NativeProgramRef(row.id))


async def test_what_is_given_changes_and_the_rest_stays(house: House, admin: User) -> None:
    row = await factories.program(name="Trades", description="Old", types=["Vocational"], funding_type="Grant")
    reply = await ask(house, admin, "updateProgram", PROGRAM, id=of(row), name="  Trades\tII ", description=None)
    assert reply.errors == []
    assert reply.subject["program"] == {
        "id": of(row),
        "name": "Trades II",
        "description": None,
        "isActive": True,
        "types": ["Vocational"],
        "creditTypes": [],
        "fundingType": "Grant",
        "archivedAt": None,
        "facilities": [],
    }
    entry = await AuditEntry.get()
    assert (entry.action, entry.object_type, entry.object_key) == ("updateProgram", "NativeProgram", f"native:{row.id}")
    assert entry.before == {"name": "Trades", "description": "Old"}
    assert entry.after == {"name": "Trades II", "description": None}


async def test_a_change_that_changes_nothing_leaves_no_entry(house: House, admin: User) -> None:
    row = await factories.program(name="Trades")
    reply = await ask(house, admin, "updateProgram", PROGRAM, id=of(row), name="Trades", isActive=True)
    assert reply.errors == []
    assert await AuditEntry.all().count() == 0


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": "x" * 256}, ["name"]),
        ({"name": "Tra\u0000des"}, ["name"]),
        ({"name": "sedarT\u202e"}, ["name"]),
        ({"isActive": None}, ["isActive"]),
        ({"creditTypes": ["ok", ""]}, ["creditTypes"]),
        ({"description": "x" * 5_001}, ["description"]),
    ],
)
async def test_an_unusable_value_names_its_field(
    house: House, admin: User, given: dict[str, object], path: list[str]
) -> None:
    row = await factories.program(name="Trades")
    before = await stored()
    reply = await ask(house, admin, "updateProgram", PROGRAM, id=of(row), **given)
    assert (reply.codes, reply.paths, reply.subject) == (["InvalidInputError"], [path], {"program": None})
    assert await stored() == before


async def test_another_programs_name_is_taken(house: House, admin: User) -> None:
    row = await factories.program(name="Trades")
    await factories.program(name="Árts")
    before = await stored()
    reply = await ask(house, admin, "updateProgram", PROGRAM, id=of(row), name="ARTS")
    assert (reply.codes, reply.paths) == (["NameTakenError"], [["name"]])
    assert await stored() == before


@pytest.mark.parametrize("mutation", CHANGES)
async def test_canvas_programs_are_read_only(house: House, admin: User, mutation: str) -> None:
    canvas = await house.canvas(World())
    before = await stored()
    reply = await ask(house, admin, mutation, PROGRAM, id=gid(CanvasProgramRef(canvas.id)), **CHANGES[mutation])
    assert reply.errors == [
        {
            "__typename": "ReadOnlyError",
            "message": "This program is managed externally in Canvas. Data is read-only.",
            "path": ["id"],
        }
    ]
    assert await stored() == before
    assert house.calls(canvas) == []


@pytest.mark.parametrize("mutation", CHANGES)
@pytest.mark.parametrize("role", [Role.STUDENT, Role.FACILITY_ADMIN])
async def test_only_department_admins_change_programs(house: House, north: Facility, role: Role, mutation: str) -> None:
    row = await factories.program(name="Trades")
    await factories.program_facility(program=row, facility=north)
    viewer = await factories.user(role=role, facility=north)
    before = await stored()
    reply = await ask(house, viewer, mutation, PROGRAM, id=of(row), **CHANGES[mutation])
    assert (reply.codes, reply.subject) == (["NotAllowedError"], {"program": None})
    assert await stored() == before


@pytest.mark.parametrize("mutation", CHANGES)
@pytest.mark.parametrize("id", [gid(NativeProgramRef(404)), gid(FacilityRef(1)), "nonsense"])
async def test_what_does_not_exist_is_not_found(house: House, admin: User, mutation: str, id: str) -> None:
    reply = await ask(house, admin, mutation, PROGRAM, id=id, **CHANGES[mutation])
    assert (reply.codes, reply.paths) == (["NotFoundError"], [["id"]])


async def test_a_program_without_open_classes_is_archived_and_its_name_is_free(house: House, admin: User) -> None:
    row = await factories.program(name="Trades")
    for status in (ClassStatus.COMPLETED, ClassStatus.CANCELLED):
        await factories.school_class(program=row, status=status)
    await factories.school_class(program=row, deleted_at=house.clock.now)
    reply = await ask(house, admin, "archiveProgram", PROGRAM, id=of(row))
    assert reply.errors == []
    assert reply.subject["program"]["archivedAt"] == "2026-03-02T18:00:00+00:00"
    again = await ask(house, admin, "archiveProgram", PROGRAM, id=of(row))
    assert again == reply
    assert await AuditEntry.filter(action="archiveProgram").count() == 1
    assert (await ask(house, admin, "createProgram", PROGRAM, name="Trades")).errors == []
    taken = await ask(house, admin, "restoreProgram", PROGRAM, id=of(row))
    assert (taken.codes, taken.paths) == (["NameTakenError"], [["id"]])


async def test_open_classes_keep_a_program_from_being_archived(house: House, admin: User, north: Facility) -> None:
    """P-17's check, for our own programs."""
    row = await factories.program(name="Trades")
    south = await factories.facility(name="South")
    for facility, status in ((south, ClassStatus.PAUSED), (north, ClassStatus.ACTIVE), (north, ClassStatus.SCHEDULED)):
        await factories.school_class(program=row, facility=facility, status=status)
    before = await stored()
    reply = await ask(house, admin, "archiveProgram", PROGRAM, id=of(row))
    assert reply.codes == ["ConflictError"]
    assert reply.errors[0]["message"] == (
        "This program cannot be archived. North still has open classes. South still has open classes."
    )
    assert await stored() == before
    data = await house.data("query($id: ID!) { program(id: $id) { archiveBlockers } }", admin, id=of(row))
    assert data["program"]["archiveBlockers"] == ["North still has open classes.", "South still has open classes."]


async def test_an_archived_program_is_restored_before_it_is_changed(house: House, admin: User, north: Facility) -> None:
    row = await factories.program(name="Trades", archived_at=house.clock.now)
    for mutation, given in (("updateProgram", {"name": "Arts"}), ("setProgramFacilities", {"facilityIds": []})):
        assert (await ask(house, admin, mutation, PROGRAM, id=of(row), **given)).codes == ["ConflictError"]
    listed = "query($archived: Boolean) { programs(filter: {archived: $archived}) { nodes { name } } }"
    assert (await house.data(listed, admin, archived=True))["programs"]["nodes"] == [{"name": "Trades"}]
    assert (await house.data(listed, admin, archived=False))["programs"]["nodes"] == []
    restored = await ask(house, admin, "restoreProgram", PROGRAM, id=of(row))
    assert (restored.errors, restored.subject["program"]["archivedAt"]) == ([], None)
    assert await ask(house, admin, "restoreProgram", PROGRAM, id=of(row)) == restored
    assert [entry.action for entry in await AuditEntry.all()] == ["restoreProgram"]


async def test_a_program_is_offered_exactly_where_it_is_said_to_be(house: House, admin: User, north: Facility) -> None:
    south, west = await factories.facility(name="South"), await factories.facility(name="West")
    row = await factories.program(name="Trades")
    for facility in (north, south):
        await factories.program_facility(program=row, facility=facility)
    wanted = [gid(FacilityRef(facility.id)) for facility in (west, south, west)]
    reply = await ask(house, admin, "setProgramFacilities", PROGRAM, id=of(row), facilityIds=wanted)
    assert reply.errors == []
    assert reply.subject["program"]["facilities"] == [{"name": "South"}, {"name": "West"}]
    entry = await AuditEntry.get()
    assert (entry.before, entry.after) == (
        {"facility_ids": [north.id, south.id]},
        {"facility_ids": [south.id, west.id]},
    )


async def test_a_facility_with_open_classes_keeps_offering_the_program(
    house: House, admin: User, north: Facility
) -> None:
    row = await factories.program(name="Trades")
    await factories.program_facility(program=row, facility=north)
    await factories.school_class(program=row, facility=north)
    before = await stored()
    reply = await ask(house, admin, "setProgramFacilities", PROGRAM, id=of(row), facilityIds=[])
    assert (reply.codes, reply.paths) == (["ConflictError"], [["facilityIds"]])
    assert reply.errors[0]["message"] == "North still has open classes."
    assert await stored() == before


async def test_a_facility_that_does_not_exist_undoes_the_whole_change(
    house: House, admin: User, north: Facility
) -> None:
    row = await factories.program(name="Trades")
    await factories.program_facility(program=row, facility=north)
    missing = gid(FacilityRef(404))
    reply = await ask(house, admin, "setProgramFacilities", PROGRAM, id=of(row), facilityIds=[missing])
    assert (reply.codes, reply.paths) == (["NotFoundError"], [["facilityIds"]])
    assert await ProgramFacility.all().count() == 1


async def test_what_was_done_is_the_programs_history(house: House, admin: User) -> None:
    row = await factories.program(name="Trades")
    await ask(house, admin, "updateProgram", PROGRAM, id=of(row), name="Arts")
    await ask(house, admin, "archiveProgram", PROGRAM, id=of(row))
    document = "query($id: ID!) { program(id: $id) { history { totalCount nodes { action actor { id } } } } }"
    history = (await house.data(document, admin, id=of(row)))["program"]["history"]
    assert history["totalCount"] == 2
    assert [node["action"] for node in history["nodes"]] == ["archiveProgram", "updateProgram"]


async def test_a_change_with_the_same_key_happens_once(house: House, admin: User) -> None:
    """C-25; fields that are left out take part in what the same request is."""
    row = await factories.program(name="Trades", description="Old")
    given = {"id": of(row), "name": "Arts", "idempotencyKey": "k"}
    first = await ask(house, admin, "updateProgram", PROGRAM, **given)
    assert await ask(house, admin, "updateProgram", PROGRAM, **given) == first
    assert await AuditEntry.all().count() == 1
    other = await ask(house, admin, "updateProgram", PROGRAM, **given, description=None)
    assert (other.codes, other.paths) == (["InvalidInputError"], [["idempotencyKey"]])
