"""What the audit log says of teams: to everybody of their own people, old and new."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import User
from domain.enums import Role
from domain.refs import FacilityRef
from tests import factories
from tests.support.house import gid
from tests.support.school import School, gid_of

LOG = "{ auditLog(first: 100) { nodes { action before after } } }"
LISTS = {"members", "canvas_members"}


@pytest.fixture
async def wardens(lab: School) -> dict[str, User]:
    """Admins of both facilities; 92 and 96 are of the South, everybody else of the North."""
    south = await factories.facility(name="South")
    await User.filter(id__in=[lab.people[92].id, lab.people[96].id]).update(facility_id=south.id)
    return {
        "north": await factories.user(role=Role.FACILITY_ADMIN, facility=lab.facility),
        "south": await factories.user(role=Role.FACILITY_ADMIN, facility=south),
    }


async def told(lab: School, viewer: User, action: str) -> list[Any]:
    """Before and after of the lists in every entry of that action, oldest first; people as their accounts."""
    accounts = {person.id: account for account, person in lab.people.items()}
    nodes = (await lab.house.data(LOG, viewer))["auditLog"]["nodes"][::-1]

    def side(value: Any) -> Any:
        (key,) = LISTS & set(value or {}) or {None}
        return None if key is None else [accounts.get(one, one) for one in value[key]]

    rows = [(side(node["before"]), side(node["after"])) for node in nodes if node["action"] == action]
    return [row for row in rows if row != (None, None)]


async def test_a_pull_is_told_at_each_facility_of_its_own_people(lab: School, wardens: dict[str, User]) -> None:
    await lab.pull()
    lab.world.join(lab.groups["Blue"], 92)
    lab.world.join(lab.groups["Red"], 97)
    await lab.pull()
    assert await told(lab, wardens["south"], "syncTeams") == [(None, [92]), ([92], []), ([], [92])]
    assert await told(lab, wardens["north"], "syncTeams") == [
        (None, [91, 93]),
        (None, [94, 95]),
        ([91, 93], [91, 93, 97]),
    ]
    made = [(None, [91, 93]), (None, [92]), (None, [94, 95])]
    changed = [([91, 93], [91, 93, 97]), ([92], []), ([], [92])]
    assert await told(lab, lab.admin, "syncTeams") == [*made, *changed]


async def test_edits_by_hand_are_told_at_each_facility_of_its_own_people(lab: School, wardens: dict[str, User]) -> None:
    """Also where the team belongs to one of them."""
    people = [gid_of(lab.people[account]) for account in (91, 92, 96)]
    for name in ("Ours", "Others"):
        given = {"name": name, "classId": gid(lab.ref), "facilityId": gid(FacilityRef(lab.facility.id))}
        await lab.ask("createTeam", "team { id }", **given, userIds=people if name == "Ours" else [])
    await lab.put("Others", [91, 96])
    await lab.ask("deleteTeam", "id", id=await lab.team("Ours"))
    assert await told(lab, wardens["north"], "createTeam") == [([], [91])]
    assert await told(lab, wardens["south"], "createTeam") == [([], [92, 96])]
    assert await told(lab, wardens["north"], "setTeamMembers") == [([], [91]), ([91], [])]
    assert await told(lab, wardens["south"], "setTeamMembers") == [([], [96]), ([92, 96], [92])]
    assert await told(lab, wardens["north"], "deleteTeam") == [([], None)]
    assert await told(lab, wardens["south"], "deleteTeam") == [([92], None)]


async def test_a_push_and_a_removal_are_told_at_each_facility_of_its_own_people(
    lab: School, wardens: dict[str, User]
) -> None:
    await lab.pull()
    await lab.put("Blue", [92, 94, 95])
    await lab.push(await lab.plan())
    assert await told(lab, wardens["north"], "pushGroupMemberships") == []
    assert await told(lab, wardens["south"], "pushGroupMemberships") == [(["92"], []), ([], ["92"])]
    lab.world.delete_group(lab.groups["Blue"])
    await lab.pull(removeStale=True)
    assert await told(lab, wardens["north"], "deleteTeam") == [([94, 95], None)]
    assert await told(lab, wardens["south"], "deleteTeam") == [([92], None)]
