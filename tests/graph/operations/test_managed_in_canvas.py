"""What is Canvas's is said to be Canvas's, in the words that frontends show (P-12, P-16, P-17, P-38)."""

from __future__ import annotations

from domain.enums import Role
from sandbox.world import World
from tests import factories
from tests.support.house import House

READ_ONLY = "This program is managed externally in Canvas. Data is read-only."
QUERY = """{ programs(filter: {source: CANVAS}) { nodes { name description types isActive isReadOnly readOnlyReason
      archiveBlockers historyNote history { totalCount } metrics { capacity filledSeats attendanceRate }
      ... on CanvasProgram { label legacyId } } }
  classes(filter: {source: CANVAS}) { nodes { isReadOnly readOnlyReason deleteBlockers historyNote history { totalCount }
      capacity facility { id } events(start: "2026-03-01", end: "2026-03-31") { id }
      ... on CanvasClass { canvasCourseId canvasUrl }
      roster { nodes { status source historyNote history { toStatus } } } } } }"""


async def test_a_canvas_program_and_its_classes_say_who_manages_them(house: House) -> None:
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    world = World()
    course, account = world.add_course("Algebra"), world.add_user("Sam Reed")
    world.enrol(course.id, account.id)
    canvas = await house.canvas(world, name="State College")
    await factories.link(provider=canvas, user=await factories.user(), external_user_id=str(account.id))
    data = await house.data(QUERY, admin)
    assert data["programs"]["nodes"] == [
        {
            "name": "State College",
            "description": "Courses pulled live from Canvas connection: State College",
            "types": ["College"],
            "isActive": True,
            "isReadOnly": True,
            "readOnlyReason": READ_ONLY,
            "archiveBlockers": ["Managed in Canvas"],
            "historyNote": "Audit history is not available for Canvas programs.",
            "history": {"totalCount": 0},
            "metrics": {"capacity": None, "filledSeats": None, "attendanceRate": None},
            "label": "College - State College",
            "legacyId": str(100_000_000 + canvas.id),
        }
    ]
    assert data["classes"]["nodes"] == [
        {
            "isReadOnly": True,
            "readOnlyReason": READ_ONLY,
            "deleteBlockers": ["Canvas"],
            "historyNote": "Audit history is not available for Canvas classes.",
            "history": {"totalCount": 0},
            "capacity": None,
            "facility": None,
            "events": [],
            "canvasCourseId": str(course.id),
            "canvasUrl": f"{canvas.base_url}/courses/{course.id}",
            "roster": {
                "nodes": [
                    {
                        "status": "ENROLLED",
                        "source": "CANVAS",
                        "historyNote": "Enrollment history is managed in Canvas.",
                        "history": [],
                    }
                ]
            },
        }
    ]
