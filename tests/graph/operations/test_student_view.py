"""What a student is told (D-09a)."""

from __future__ import annotations

from sandbox.behaviour import Fault
from sandbox.world import World
from tests import factories
from tests.support.house import House

LIST = "{ classes { totalCount nodes { name enrolledCount roster { totalCount nodes { user { username } } } } sources { state expected loaded } } }"


async def test_a_student_sees_their_own_classes_and_is_told_of_those_alone(house: House) -> None:
    world = World()
    mine, other = world.add_course("Algebra"), world.add_course("Botany")
    account = world.add_user("Sam Reed")
    world.enrol(mine.id, account.id)
    world.enrol(other.id, world.add_user("Ida Hall").id)
    canvas = await house.canvas(world)
    reed = await factories.user(facility=await factories.facility())
    await factories.link(provider=canvas, user=reed, external_user_id=str(account.id))
    assert (await house.data(LIST, reed))["classes"] == {
        "totalCount": 1,
        "nodes": [
            {
                "name": "Algebra",
                "enrolledCount": None,
                "roster": {"totalCount": None, "nodes": [{"user": {"username": reed.username}}]},
            }
        ],
        "sources": [{"state": "FRESH", "expected": 1, "loaded": 1}],
    }


async def test_a_student_whose_courses_cannot_be_read_is_not_told_that_there_are_none(house: House) -> None:
    world = World()
    course, account = world.add_course("Algebra"), world.add_user("Sam Reed")
    world.enrol(course.id, account.id)
    canvas = await house.canvas(world)
    house.sandboxes[canvas.id].state.behaviour.faults = [Fault(kind="html", path="graphql|users", status=200)]
    reed = await factories.user(facility=await factories.facility())
    await factories.link(provider=canvas, user=reed, external_user_id=str(account.id))
    answer = (await house.data("{ classes { totalCount sources { state expected loaded } } }", reed))["classes"]
    assert (answer["totalCount"], answer["sources"]) == (None, [{"state": "FAILED", "expected": None, "loaded": 0}])
