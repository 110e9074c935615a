"""Who is counted and shown, and that one number is the same wherever it stands."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import pytest
import structlog

from db.models import Facility, Provider, User
from domain.enums import ClassStatus, EnrollmentStatus, ProviderState, Role
from domain.refs import CanvasClassRef, NativeProgramRef, UserRef
from sandbox.behaviour import Behaviour
from sandbox.world import World
from tests import factories
from tests.acceptance.setting import organisation
from tests.support.house import House, gid
from tests.support.statements import Statements, grown

CLASSES = (
    "{ classes { nodes { name enrolledCount completedCount roster { totalCount nodes { user { username } } } } } }"
)
USERS = "{ providers { canvasUsers { totalCount nodes { name roles } } unlinkedStudentCount } }"


class Setting:
    """A course with a student, a teacher, a TA who is a student elsewhere, an observer, a test student and a nobody."""

    world: World
    people: dict[str, User]
    canvas: Provider
    admin: User
    north: Facility


@pytest.fixture(params=[True, False], ids=["GraphQL", "REST"])
async def setting(request: pytest.FixtureRequest, house: House) -> Setting:
    made = Setting()
    made.world = world = World()
    algebra, biology = world.add_course("Algebra"), world.add_course("Biology")
    roles = {
        "student": [(algebra, "StudentEnrollment", "active")],
        "graduate": [(algebra, "StudentEnrollment", "completed")],
        "teacher": [(algebra, "TeacherEnrollment", "active")],
        "both": [(algebra, "TaEnrollment", "active"), (biology, "StudentEnrollment", "active")],
        "observer": [(algebra, "ObserverEnrollment", "active")],
        "invited": [(algebra, "StudentEnrollment", "invited")],
        "inactive": [(algebra, "StudentEnrollment", "inactive")],
        "tester": [(algebra, "StudentViewEnrollment", "active")],
        "nobody": [],
    }
    made.north = await factories.facility(name="North")
    made.admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    made.canvas = await house.canvas(
        world, Behaviour(throttling=False, has_graphql=request.param), name="State College"
    )
    made.people = {}
    for name, rows in roles.items():
        account = world.add_user(name.title())
        for course, type_, state in rows:
            row = world.enrol(course.id, account.id, type=type_)
            world.set_enrolment_state(row.id, state)
        made.people[name] = await factories.user(facility=made.north, username=name)
        await factories.link(provider=made.canvas, user=made.people[name], external_user_id=str(account.id))
    return made


async def test_only_student_enrolments_count_and_other_roles_are_named(house: House, setting: Setting) -> None:
    """AC-09, D-10, P-33: teachers, observers, invited people and the test student are no students."""
    algebra, biology = (await house.data(CLASSES, setting.admin))["classes"]["nodes"]
    assert algebra == {
        "name": "Algebra",
        "enrolledCount": 1,
        "completedCount": 1,
        "roster": {"totalCount": 1, "nodes": [{"user": {"username": "student"}}]},
    }
    assert [row["user"]["username"] for row in biology["roster"]["nodes"]] == ["both"]
    (provider,) = (await house.data(USERS, setting.admin))["providers"]
    assert provider["canvasUsers"] == {
        "totalCount": 3,
        "nodes": [
            {"name": "Both", "roles": ["StudentEnrollment", "TaEnrollment"]},
            {"name": "Graduate", "roles": ["StudentEnrollment"]},
            {"name": "Student", "roles": ["StudentEnrollment"]},
        ],
    }
    assert provider["unlinkedStudentCount"] == 0


async def test_the_roster_is_as_long_as_the_count_says_for_every_role(house: House, setting: Setting) -> None:
    """AC-03, D-09a: for students neither is told; a roster that cannot be read has neither."""
    officer = await factories.user(role=Role.FACILITY_ADMIN, facility=setting.north)
    elsewhere = await factories.user(role=Role.FACILITY_ADMIN, facility=await factories.facility(name="South"))
    native = await factories.school_class(name="Choir", facility=setting.north)
    await factories.enrollment(school_class=native, user=setting.people["student"])
    expected = {
        setting.admin: (1, 1, 1),
        officer: (1, 1, 1),
        elsewhere: (0, 0),
        setting.people["student"]: (None, None),
    }
    for viewer, counts in expected.items():
        rows = (await house.data(CLASSES, viewer))["classes"]["nodes"]
        assert tuple(row["enrolledCount"] for row in rows) == counts
        assert tuple(row["roster"]["totalCount"] for row in rows) == counts
    course = next(row for row in setting.world.courses.values() if row.name == "Algebra")
    house.sandboxes[setting.canvas.id].state.behaviour.deny(course.id, "read_roster")
    house.clock.pass_(days=8)
    for _ in range(2):
        rows = (await house.data(CLASSES, setting.admin))["classes"]["nodes"]
    algebra = next(row for row in rows if row["name"] == "Algebra")
    assert (algebra["enrolledCount"], algebra["roster"]) == (None, {"totalCount": None, "nodes": []})


async def test_what_is_not_there_is_no_fault_in_the_log(
    house: House, setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    """AC-19: people without a link, accounts without a course, ids of nobody: not one line."""
    await factories.user(facility=setting.north)
    await house.data(USERS, setting.admin)
    caplog.clear()
    with caplog.at_level(logging.INFO), structlog.testing.capture_logs() as entries:
        query = """query($id: ID!) { node(id: $id) { id } users(first: 100) { nodes { links { canvasName }
            enrollments { totalCount } } } providers { canvasUsers { totalCount } linkedUserCount } }"""
        for viewer in (setting.admin, *setting.people.values()):
            await house.data(query, viewer, id=gid(UserRef(404)))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO] == []
    assert [entry for entry in entries if entry["log_level"] != "debug"] == []


async def test_a_person_in_two_sections_is_one_row_since_the_first_day(house: House, setting: Setting) -> None:
    """W-14, AC-03."""
    world = setting.world
    course = next(row for row in world.courses.values() if row.name == "Biology")
    account = world.add_user("Twice")
    twice = await factories.user(username="twice", facility=setting.north)
    await factories.link(provider=setting.canvas, user=twice, external_user_id=str(account.id))
    section = world.add_section(course.id, "B")
    world.enrol(course.id, account.id, created_at="2026-02-01T00:00:00Z")
    world.enrol(course.id, account.id, section_id=section.id, created_at="2026-01-01T00:00:00Z")
    found = await house.data(
        "query Q($id: ID!) { class(id: $id) { enrolledCount roster { totalCount nodes { id enrolledAt user { username } } } } }",
        setting.admin,
        id=gid(CanvasClassRef(setting.canvas.id, str(course.id))),
    )
    roster = found["class"]["roster"]
    assert (found["class"]["enrolledCount"], roster["totalCount"]) == (2, 2)
    (row,) = [node for node in roster["nodes"] if node["user"]["username"] == "twice"]
    assert row["enrolledAt"] == "2026-01-01T00:00:00+00:00"


async def test_removed_links_and_people_are_in_no_current_count(house: House, setting: Setting) -> None:
    """AC-14."""
    person = setting.people["student"]
    person.deactivated_at = house.clock()
    await person.save()
    algebra, _ = (await house.data(CLASSES, setting.admin))["classes"]["nodes"]
    assert (algebra["enrolledCount"], algebra["roster"]["totalCount"]) == (0, 0)
    metrics = "{ programs { nodes { metrics { activeEnrollmentCount totalEnrollmentCount enrolledResidentCount } } } }"
    (program,) = (await house.data(metrics, setting.admin))["programs"]["nodes"]
    assert program["metrics"] == {
        "activeEnrollmentCount": 1,
        "totalEnrollmentCount": 2,
        "enrolledResidentCount": 1,
    }


async def test_removed_people_are_in_no_native_count_either(house: House) -> None:
    """AC-14, AC-13: historical counts come from the same query and are never less than current ones."""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    program = await factories.program(name="Trades")
    welding = await factories.school_class(name="Welding", program=program)
    for status in (EnrollmentStatus.ENROLLED, EnrollmentStatus.COMPLETED, EnrollmentStatus.WITHDRAWN):
        await factories.enrollment(school_class=welding, status=status)
        gone = await factories.user(deactivated_at=house.clock())
        await factories.enrollment(school_class=welding, status=status, user=gone)
    data = await house.data(
        "query Q($id: ID!) { program(id: $id) { metrics { activeEnrollmentCount totalEnrollmentCount completionRate } } }",
        admin,
        id=gid(NativeProgramRef(program.id)),
    )
    assert data["program"]["metrics"] == {
        "activeEnrollmentCount": 1,
        "totalEnrollmentCount": 3,
        "completionRate": 0.5,
    }


async def test_every_program_that_is_listed_can_be_filtered_by(house: House) -> None:
    """AC-05: options and lists come from one source, for Canvas programs too."""
    admin = await factories.user(role=Role.DEPARTMENT_ADMIN)
    org = await organisation(house, courses=2)
    for status in ClassStatus:
        await factories.school_class(name=f"Class {status}", status=status)
    await organisation(house, courses=1, name="Off", state=ProviderState.DISABLED)
    programs = (await house.data("{ programs { nodes { id name } } }", admin))["programs"]["nodes"]
    assert "State College" in {row["name"] for row in programs}
    assert "Off" not in {row["name"] for row in programs}
    by_program: list[Any] = []
    for row in programs:
        query = "query Q($id: ID!) { classes(filter: {programId: $id}) { nodes { id program { id } } } }"
        found = (await house.data(query, admin, id=row["id"]))["classes"]["nodes"]
        assert {node["program"]["id"] for node in found} == {row["id"]}
        by_program += [node["id"] for node in found]
    every = await house.data("{ classes { nodes { id } } }", org.admin)
    assert sorted(by_program) == sorted(node["id"] for node in every["classes"]["nodes"])


@pytest.mark.parametrize(
    "document", [CLASSES, "{ users(first: 100) { nodes { links { canvasName } facility { name } } } }", USERS]
)
async def test_twice_the_people_cost_the_same_number_of_statements(
    house: House, statements: Statements, document: str
) -> None:
    """AC-19: who is linked is one query, however many they are."""

    async def asked(name: str, linked: int) -> Counter[str]:
        org = await organisation(house, courses=3, students=90, per_course=30, linked=linked, name=name)
        await house.data(document, org.admin)
        statements.take()
        await house.data(document, org.admin)
        taken = statements.take()
        org.canvas.state = ProviderState.DISABLED
        await org.canvas.save()
        return taken

    few = await asked("Few", 5)
    assert 0 < few.total() < 30
    assert grown(few, await asked("Many", 60)) == {}
