"""`importUsers`: the import through the schema. What rows may say is proved in tests/services/importing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.models import AuditEntry, Enrollment, User
from domain.enums import Role
from services.importing.columns import COLUMNS
from tests import factories
from tests.support.house import House
from tests.support.mutations import ask, stored

TALLIES = " ".join(
    f"{kind} {{ created updated unchanged }}" for kind in ("people", "programs", "classes", "enrollments")
)
REPORT = f"report {{ dryRun written rows {TALLIES} rowErrors {{ line column message }} rowErrorsCsv }}"
NONE = {"created": 0, "updated": 0, "unchanged": 0}
GOOD = "username,first_name,facility,program,class\nann,Ann,North,Trades,Welding\n"


@pytest.fixture
async def admin(house: House) -> User:
    await factories.facility(name="North")
    return await factories.user(role=Role.DEPARTMENT_ADMIN)


async def test_csv_text_is_imported_once_and_told(house: House, admin: User) -> None:
    one = {"created": 1, "updated": 0, "unchanged": 0}
    reply = await ask(house, admin, "importUsers", REPORT, csv=GOOD, idempotencyKey="k")
    assert (reply.errors, reply.subject["report"]) == (
        [],
        {
            "dryRun": False,
            "written": True,
            "rows": 1,
            **dict.fromkeys(("people", "programs", "classes", "enrollments"), one),
            "rowErrors": [],
            "rowErrorsCsv": "line,column,message\r\n",
        },
    )
    assert await ask(house, admin, "importUsers", REPORT, csv=GOOD, idempotencyKey="k") == reply
    assert await Enrollment.all().count() == 1
    seen = "{ users(filter: {role: STUDENT}) { nodes { fullName enrollments { nodes { class { name } status } } } } }"
    assert (await house.data(seen, admin))["users"]["nodes"] == [
        {"fullName": "Ann", "enrollments": {"nodes": [{"class": {"name": "Welding"}, "status": "ENROLLED"}]}}
    ]


async def test_rows_say_the_same_as_a_file(house: House, admin: User) -> None:
    person = {"username": "ann", "firstName": "Ann", "facility": "North", "program": "Trades", "class": "Welding"}
    await ask(house, admin, "importUsers", REPORT, csv=GOOD)
    reply = await ask(house, admin, "importUsers", REPORT, people=[person, {"username": "ben", "lastName": ""}])
    assert reply.subject["report"]["rowErrors"] == [
        {"line": 2, "column": "first_name", "message": "A new person needs a first name."}
    ]
    again = await ask(house, admin, "importUsers", REPORT, people=[person])
    assert (again.errors, again.subject["report"]["enrollments"]) == ([], {**NONE, "unchanged": 1})


async def test_a_dry_run_writes_nothing_and_is_no_error(house: House, admin: User) -> None:
    before = await stored()
    for text in (GOOD, "username\nnobody\n"):
        reply = await ask(house, admin, "importUsers", REPORT, csv=text, dryRun=True)
        assert (reply.errors, reply.subject["report"]["written"]) == ([], False)
    assert len(reply.subject["report"]["rowErrors"]) == 1
    assert await stored() == before


async def test_rows_with_errors_keep_all_from_being_written_unless_they_are_left_out(house: House, admin: User) -> None:
    before = await stored()
    text = GOOD + "ben,,North,,\n=cmd,,Mars,,\n"
    reply = await ask(house, admin, "importUsers", REPORT, csv=text)
    assert [error["message"] for error in reply.errors] == ["Nothing was imported: 2 rows have errors. See the report."]
    assert (reply.codes, reply.subject["report"]["written"]) == (["InvalidInputError"], False)
    assert await stored() == before
    partial = await ask(house, admin, "importUsers", REPORT, csv=text, partial=True)
    assert (partial.errors, partial.subject["report"]["written"]) == ([], True)
    assert partial.subject["report"]["rowErrors"] == reply.subject["report"]["rowErrors"]
    assert await AuditEntry.filter(object_type="User").count() == 1


@pytest.mark.parametrize("given", [{}, {"csv": GOOD, "people": []}])
async def test_either_a_file_or_rows(house: House, admin: User, given: dict[str, object]) -> None:
    reply = await ask(house, admin, "importUsers", REPORT, **given)
    assert (reply.codes, reply.subject) == (["InvalidInputError"], {"report": None})


async def test_students_import_nobody_and_facility_admins_their_own(house: House, admin: User) -> None:
    south = await factories.facility(name="South")
    student = await factories.user(facility=south)
    assert (await ask(house, student, "importUsers", REPORT, csv=GOOD)).codes == ["NotAllowedError"]
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=south)
    reply = await ask(house, warden, "importUsers", REPORT, csv="username,first_name,facility\nann,Ann,North\n")
    assert reply.subject["report"]["rowErrors"] == [
        {"line": 2, "column": "facility", "message": "There is no such facility."}
    ]
    assert await User.filter(username="ann").count() == 0


PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")


def test_every_column_is_on_the_page() -> None:
    told = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert told == set(COLUMNS)


async def test_the_pages_example_makes_what_the_page_says(house: House, admin: User) -> None:
    await factories.facility(name="South")
    (example,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    report = (await ask(house, admin, "importUsers", REPORT, csv=example)).subject["report"]
    assert [report[kind]["created"] for kind in ("people", "programs", "classes", "enrollments")] == [3, 2, 2, 3]
    assert report["rowErrors"] == []
