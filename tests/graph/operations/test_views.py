"""A facility's view has its own numbers, even beside others in one operation."""

from __future__ import annotations

from domain.enums import Role
from domain.refs import FacilityRef
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid

VIEWS = """
query($north: ID!, $south: ID!) {
  all: classes { nodes { ...C } }
  north: classes(filter: {facilityId: $north}) { nodes { ...C } }
  south: classes(filter: {facilityId: $south}) { nodes { ...C } }
  programs { nodes { ...P } }
  northPrograms: programs(filter: {facilityId: $north}) { nodes { ...P } }
}
fragment C on Class { name enrolledCount enrollmentsByFacility { enrolledCount } roster { totalCount } }
fragment P on Program { name metrics { activeEnrollmentCount enrolledResidentCount } classes { nodes { ...C } } }
"""


def seen(nodes: list[dict[str, object]]) -> dict[object, object]:
    return {row["name"]: row["enrolledCount"] for row in nodes}


async def test_aliases_with_different_facilities_keep_their_own_counts(house: House) -> None:
    """D-09, W-11: one class met under several facilities in one operation."""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    north, south = await factories.facility(), await factories.facility()
    welding = await factories.school_class(name="Welding", facility=north)
    world = World()
    course = world.add_course("Algebra")
    canvas = await house.canvas(world)
    for number, facility in enumerate((north, north, south)):
        person = await factories.user(facility=facility)
        account = world.add_user(f"Account {number}")
        world.enrol(course.id, account.id)
        await factories.link(provider=canvas, user=person, external_user_id=str(account.id))
        await factories.enrollment(school_class=welding, user=person)
    places = {name: gid(FacilityRef(row.id)) for name, row in (("north", north), ("south", south))}
    data = await house.data(VIEWS, admin, **places)
    for name, count in (("all", 3), ("north", 2), ("south", 1)):
        assert seen(data[name]["nodes"]) == {"Algebra": count, "Welding": count}
        assert [row["roster"]["totalCount"] for row in data[name]["nodes"]] == [count, count]
    for name, count in (("programs", 3), ("northPrograms", 2)):
        for program in data[name]["nodes"]:
            assert program["metrics"] == {"activeEnrollmentCount": count, "enrolledResidentCount": count}
            assert [row["enrolledCount"] for row in program["classes"]["nodes"]] == [count]
