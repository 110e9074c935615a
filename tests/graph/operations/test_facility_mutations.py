"""Creating and changing facilities: system admins only."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import AuditEntry, Facility
from domain.enums import Role
from domain.refs import FacilityRef
from tests import factories
from tests.support.house import House, gid
from tests.support.mutations import ask, stored

FACILITY = "facility { id name timeZone }"


async def test_a_system_admin_creates_and_changes_a_facility(house: House) -> None:
    admin = await factories.user(role=Role.SYSTEM_ADMIN)
    made = await ask(house, admin, "createFacility", FACILITY, name=" North ", timeZone="America/Chicago")
    row = await Facility.get()
    id = gid(FacilityRef(row.id))
    assert (made.errors, made.subject["facility"]) == ([], {"id": id, "name": "North", "timeZone": "America/Chicago"})
    changed = await ask(house, admin, "updateFacility", FACILITY, id=id, timeZone="America/Denver")
    assert changed.errors == []
    assert changed.subject["facility"] == {"id": id, "name": "North", "timeZone": "America/Denver"}
    entries = await AuditEntry.all().order_by("id")
    assert [(entry.action, entry.facility_id) for entry in entries] == [
        ("createFacility", row.id),
        ("updateFacility", row.id),
    ]
    assert (entries[1].before, entries[1].after) == (
        {"time_zone": "America/Chicago"},
        {"time_zone": "America/Denver"},
    )


@pytest.mark.parametrize("role", [Role.STUDENT, Role.FACILITY_ADMIN, Role.DEPARTMENT_ADMIN])
async def test_nobody_else_may(house: House, role: Role) -> None:
    north = await factories.facility(name="North")
    viewer = await factories.user(role=role, facility=north)
    before = await stored()
    for mutation, given in (
        ("createFacility", {"name": "South", "timeZone": "UTC"}),
        ("updateFacility", {"id": gid(FacilityRef(north.id)), "name": "South"}),
    ):
        assert (await ask(house, viewer, mutation, FACILITY, **given)).codes == ["NotAllowedError"]
    assert await stored() == before


@pytest.mark.parametrize(
    ("mutation", "given", "code", "path"),
    [
        ("createFacility", {"name": "NÓRTH", "timeZone": "UTC"}, "NameTakenError", ["name"]),
        ("createFacility", {"name": " ", "timeZone": "UTC"}, "InvalidInputError", ["name"]),
        ("updateFacility", {"name": "north"}, "NameTakenError", ["name"]),
        ("updateFacility", {"name": None}, "InvalidInputError", ["name"]),
        ("updateFacility", {"timeZone": None}, "InvalidInputError", ["timeZone"]),
        ("updateFacility", {"id": gid(FacilityRef(404)), "name": "West"}, "NotFoundError", ["id"]),
    ],
)
async def test_what_cannot_be_done_is_a_typed_error(
    house: House, mutation: str, given: dict[str, Any], code: str, path: list[str]
) -> None:
    admin = await factories.user(role=Role.SYSTEM_ADMIN)
    await factories.facility(name="North")
    south = await factories.facility(name="South")
    own = {} if mutation == "createFacility" else {"id": gid(FacilityRef(south.id))}
    before = await stored()
    reply = await ask(house, admin, mutation, FACILITY, **{**own, **given})
    assert (reply.codes, reply.paths, reply.subject) == ([code], [path], {"facility": None})
    assert await stored() == before


async def test_a_time_zone_that_is_none_is_refused_before_anything_is_done(house: House) -> None:
    admin = await factories.user(role=Role.SYSTEM_ADMIN)
    document = 'mutation { createFacility(input: {name: "A", timeZone: "Mars/Olympus"}) { facility { id } } }'
    result = await house.run(document, admin)
    assert result.data is None
    assert "IANA" in (result.errors or [])[0].message
