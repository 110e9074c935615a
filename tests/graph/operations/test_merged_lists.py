"""Programs and classes of both sources in one answer."""

from __future__ import annotations

from domain.enums import Role
from sandbox.world import World
from tests import factories
from tests.support.house import House

MERGED = """
{ programs { totalCount
    nodes { __typename id name source isReadOnly readOnlyReason
      metrics { classCount activeClassCount activeEnrollmentCount totalEnrollmentCount enrolledResidentCount completionRate }
      ... on CanvasProgram { label legacyId provider { name } } }
    sources { state expected loaded provider { name } } }
  classes { totalCount
    nodes { __typename name status enrolledCount completedCount program { name } facility { name } timeZone
      enrollmentsByFacility { facility { name } enrolledCount }
      roster { totalCount nodes { user { fullName } status enrolledAt class { name } } }
      freshness { state message } } } }
"""


async def test_native_and_canvas_stand_in_one_answer(house: House) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    north, south = await factories.facility(name="North"), await factories.facility(name="South")
    reed, hall = (
        await factories.user(facility=north, first_name="Sam", last_name="Reed"),
        await factories.user(facility=south),
    )
    welding = await factories.school_class(
        name="Welding", facility=north, program=await factories.program(name="Trades")
    )
    await factories.enrollment(school_class=welding, user=reed)

    world = World()
    course = world.add_course("Algebra", time_zone="America/Chicago")
    for name in ("Sam Reed", "Ida Hall", "No Body"):
        world.enrol(course.id, world.add_user(name).id, created_at="2026-01-10T15:00:00Z")
    canvas = await house.canvas(world, name="State College")
    ids = [str(user.id) for user in world.users.values() if user.name in ("Sam Reed", "Ida Hall")]
    await factories.link(provider=canvas, user=reed, external_user_id=ids[0])
    await factories.link(provider=canvas, user=hall, external_user_id=ids[1])

    data = await house.data(MERGED, admin)

    assert [node["name"] for node in data["programs"]["nodes"]] == ["State College", "Trades"]
    state, trades = data["programs"]["nodes"]
    assert state["label"] == "College - State College"
    assert state["metrics"]["enrolledResidentCount"] == 2
    assert trades["metrics"]["activeEnrollmentCount"] == 1
    assert data["programs"]["sources"] == [
        {"state": "FRESH", "expected": 1, "loaded": 1, "provider": {"name": "State College"}}
    ]
    algebra, welding_row = data["classes"]["nodes"]
    assert (algebra["name"], algebra["enrolledCount"], algebra["roster"]["totalCount"]) == ("Algebra", 2, 2)
    assert algebra["roster"]["nodes"][0]["enrolledAt"] == "2026-01-10T15:00:00+00:00"
    assert algebra["enrollmentsByFacility"] == [
        {"facility": {"name": "North"}, "enrolledCount": 1},
        {"facility": {"name": "South"}, "enrolledCount": 1},
    ]
    assert (welding_row["name"], welding_row["enrolledCount"]) == ("Welding", 1)
    assert house.calls(canvas) == [("GET", "/api/v1/accounts/1/courses"), ("POST", "/api/graphql")]
