"""Importing a file: what it makes, what it refuses line by line, that it is all or nothing, and that it can be repeated."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from db.models import (
    AuditEntry,
    Enrollment,
    EnrollmentChange,
    Facility,
    Program,
    ProgramFacility,
    ProviderLink,
    SchoolClass,
    User,
)
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.problems import InvalidInput, NotAllowed
from services.importing.report import ImportReport, Tally
from services.imports import import_file
from services.operation import Operation
from tests import factories
from tests.support.house import House
from tests.support.mutations import stored

NOTHING = Tally()


@dataclass
class Place:
    house: House
    north: Facility
    south: Facility
    department: User
    warden: User
    """The facility admin of North."""

    async def op(self, viewer: User) -> Operation:
        return (await self.house.context(viewer)).op

    async def load(self, text: str, viewer: User | None = None, **how: Any) -> ImportReport:
        return await import_file(await self.op(viewer or self.department), text, **{"dry_run": False, **how})


@pytest.fixture
async def place(house: House) -> Place:
    north = await factories.facility(name="North", time_zone="America/Chicago")
    south = await factories.facility(name="South")
    department = await factories.user(role=Role.DEPARTMENT_ADMIN)
    return Place(house, north, south, department, await factories.user(role=Role.FACILITY_ADMIN, facility=north))


def told(report: ImportReport) -> list[tuple[int, str | None, str]]:
    return [(error.line, error.column, error.message) for error in report.errors]


EVERYTHING = """\
username,first_name,last_name,email,doc_id,role,facility,program,program_types,class,capacity,start_date,instructors,enrollment_status,enrolled_on
sreed,Sam,"O'Brien-Reed",sam@example.org,D1,,North,Trades,Vocational; Evening,Welding,2,2026-01-05,Ann Lee; Bo,,2026-01-06
SREED,,,,,,North,Trades,,Masonry,,,,COMPLETED,
иванова,Анна,Иванова,,,student,south,TRADES,,Welding,,,,,

boss,Bea,Boss,,,Facility Admin,South,,,,,,,,
"""


async def test_one_file_makes_people_programs_classes_and_enrolments(place: Place) -> None:
    report = await place.load(EVERYTHING)
    assert told(report) == []
    assert (report.written, report.dry_run, report.rows) == (True, False, 4)
    assert report.people == Tally(3)
    assert (report.programs, report.classes, report.enrollments) == (Tally(1), Tally(3), Tally(3))
    sam = await User.get(username="sreed")
    assert (sam.first_name, sam.last_name, sam.email, sam.doc_id, sam.role, sam.facility_id, sam.sort_key) == (
        "Sam",
        "O'Brien-Reed",
        "sam@example.org",
        "D1",
        Role.STUDENT,
        place.north.id,
        "sam o'brien-reed",
    )
    assert (await User.get(username="boss")).role is Role.FACILITY_ADMIN
    trades = await Program.get()
    assert (trades.name, trades.types) == ("Trades", ["Vocational", "Evening"])
    assert await ProgramFacility.all().count() == 2
    welding = await SchoolClass.get(name="Welding", facility=place.north)
    assert (welding.status, welding.capacity, welding.start_date, welding.instructors) == (
        ClassStatus.ACTIVE,
        2,
        date(2026, 1, 5),
        ["Ann Lee", "Bo"],
    )
    enrolled = await Enrollment.get(school_class=welding)
    assert (enrolled.user_id, enrolled.status) == (sam.id, EnrollmentStatus.ENROLLED)
    assert enrolled.enrolled_at == datetime(2026, 1, 6, 6, tzinfo=UTC)
    done = await Enrollment.get(school_class__name="Masonry")
    assert (done.status, done.enrolled_at, done.ended_at) == (EnrollmentStatus.COMPLETED, None, None)
    assert await EnrollmentChange.filter(by=place.department).count() == 3
    entries = await AuditEntry.filter(action="importUsers").values_list("object_type", flat=True)
    assert sorted(entries) == ["Enrollment"] * 3 + ["NativeClass"] * 3 + ["NativeProgram"] + ["User"] * 3


async def test_running_it_again_changes_nothing(place: Place) -> None:
    await place.load(EVERYTHING)
    before = await stored()
    again = await place.load(EVERYTHING)
    assert told(again) == []
    assert again.people == Tally(unchanged=3)
    assert (again.programs, again.classes, again.enrollments) == (
        Tally(unchanged=1),
        Tally(unchanged=3),
        Tally(unchanged=3),
    )
    assert await stored() == before


async def test_a_dry_run_tells_the_same_and_writes_nothing(place: Place) -> None:
    before = await stored()
    dry = await place.load(EVERYTHING, dry_run=True)
    assert await stored() == before
    assert (dry.dry_run, dry.written) == (True, False)
    real = await place.load(EVERYTHING)
    assert (dry.people, dry.programs, dry.classes, dry.enrollments) == (
        real.people,
        real.programs,
        real.classes,
        real.enrollments,
    )


async def test_filled_cells_change_and_empty_ones_leave(place: Place) -> None:
    await place.load(EVERYTHING)
    report = await place.load(
        "Username;Last Name;email;program;class;class facility;class_status;program_description\n"
        "sreed;Reed;;Trades;Welding;North;PAUSED;Hands on\n"
    )
    assert told(report) == []
    assert (report.people, report.programs, report.classes) == (Tally(0, 1), Tally(0, 1), Tally(0, 1))
    assert report.enrollments == Tally(unchanged=1)
    sam = await User.get(username="sreed")
    assert (sam.first_name, sam.last_name, sam.email, sam.sort_key) == ("Sam", "Reed", "sam@example.org", "sam reed")
    assert (await Program.get()).description == "Hands on"
    welding = await SchoolClass.get(name="Welding", facility=place.north)
    assert (welding.status, welding.capacity) == (ClassStatus.PAUSED, 2)
    changed = await AuditEntry.filter(object_type="User").order_by("-id").first()
    assert changed is not None
    assert (changed.before, changed.after) == ({"last_name": "O'Brien-Reed"}, {"last_name": "Reed"})


BAD = """\
username,first_name,last_name,email,role,facility,program,class,capacity,start_date,end_date,enrollment_status
good,Gil,Good,,,North,,,,,,
,Nobody,Here,,,North,,,,,,
new,,Nameless,nonsense,CHIEF,Nowhere,,,,,,
two,Two,,,,North,,Welding,,,,
two,Too,,,,North,,,,,,
three,Three,,,,North,Trades,Welding,many,2026-13-01,,GONE
four,Four,,,,,Trades,Painting,,,,
five,Five,,,,North,Trades,Masonry,,2026-03-02,2026-03-01,
"""


async def test_every_wrong_cell_is_told_with_its_line_and_column_and_nothing_is_written(place: Place) -> None:
    before = await stored()
    report = await place.load(BAD)
    assert (report.written, await stored()) == (False, before)
    assert told(report) == [
        (3, "first_name", "This needs the column username to be filled too."),
        (4, "email", "This is not an e-mail address."),
        (4, "facility", "There is no such facility."),
        (4, "role", "This is one of STUDENT, FACILITY_ADMIN, DEPARTMENT_ADMIN, SYSTEM_ADMIN."),
        (5, "program", "A class needs its program in the same row."),
        (7, "capacity", "This is a whole number."),
        (7, "enrollment_status", told(report)[6][2]),
        (7, "start_date", "This is a day such as 2026-03-02."),
        (8, "class_facility", "A class needs a facility, in this column or in the column facility."),
        (9, "end_date", "The last day is before the first."),
    ]
    assert told(report)[6][2].startswith("This is one of ENROLLED, COMPLETED,")


async def test_the_good_rows_are_imported_where_that_is_asked_for(place: Place) -> None:
    report = await place.load(BAD, partial=True)
    assert (report.written, report.people, report.programs) == (True, Tally(2), NOTHING)
    assert len(report.errors) == 10
    assert sorted(await User.filter(role=Role.STUDENT).values_list("username", flat=True)) == ["good", "two"]
    assert await SchoolClass.all().count() == 0


async def test_lines_that_contradict_each_other_are_told(place: Place) -> None:
    report = await place.load(
        "username,first_name,program,class,class_facility,capacity\n"
        "a,Ann,Trades,Welding,North,5\n"
        "b,Ben,Trades,Welding,North,6\n"
        "A,Anna,,,,\n"
    )
    assert told(report) == [
        (3, "capacity", "Line 2 says something else of the same class."),
        (4, "first_name", "Line 2 says something else of the same person."),
    ]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", [(1, None, "The first row names the columns: username, program or class at least.")]),
        ("name,age\nx,1\n", [(1, None, "The first row names the columns: username, program or class at least.")]),
        (
            "username,shoe_size,Username\nx,1,y\n",
            [(1, "shoe_size", "There is no such column."), (1, "username", "This column is there twice.")],
        ),
        (
            'username,first_name\na,"An\nn"\nb,"Ben',
            [(4, None, "This is not CSV from here on: look for a quotation mark too many.")],
        ),
        ("username,first_name\na,Ann,Lee\n", [(2, None, "This row has more cells than the header.")]),
    ],
)
async def test_a_file_that_is_no_such_table_is_told_as_such(
    place: Place, text: str, errors: list[tuple[int, str | None, str]]
) -> None:
    before = await stored()
    report = await place.load(text)
    assert (told(report), report.written) == (errors, False)
    assert await stored() == before


async def test_a_line_is_numbered_as_an_editor_does_even_after_cells_of_many_lines(place: Place) -> None:
    report = await place.load('program,program_description\nA,"one\ntwo\nthree"\nB,\n,lost\n')
    assert told(report) == [(6, "program_description", "This needs the column program to be filled too.")]


async def test_a_file_may_have_a_byte_order_mark_and_must_be_utf_8(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("\ufeffusername\tfirst_name\njo\tZoë\n".encode())
    report = await import_file(await place.op(place.department), path, dry_run=False)
    assert (told(report), (await User.get(username="jo")).first_name) == ([], "Zoë")
    path.write_bytes("username,first_name\njo,Zoë\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        await import_file(await place.op(place.department), path, dry_run=False)


async def test_what_createuser_refuses_an_import_refuses(place: Place) -> None:
    await factories.user(username="there", doc_id="D1", facility=place.north)
    gone = await factories.user(username="gone", facility=place.north, deactivated_at=place.house.clock.now)
    await factories.user(username="chief", role=Role.SYSTEM_ADMIN)
    before = await stored()
    report = await place.load(
        "username,first_name,doc_id,role,facility\n"
        "new,Ann,D1,,North\n"
        "other,Ben,D2,,North\n"
        "third,Cy,D2,,North\n"
        "fourth,,,,North\n"
        "boss,Bea,,FACILITY_ADMIN,\n"
        "top,Tom,,SYSTEM_ADMIN,North\n"
        "gone,Guy,,,\n"
        "there,,,FACILITY_ADMIN,\n"
        "chief,Cat,,,\n"
    )
    assert told(report) == [
        (2, "doc_id", "There is already a person with that document id."),
        (4, "doc_id", "There is already a person with that document id."),
        (5, "first_name", "A new person needs a first name."),
        (6, "facility", "A facility admin needs a facility."),
        (7, "role", "You may not give that role."),
        (8, "username", "This person is deactivated: reactivate them first."),
        (9, "role", "The role of somebody who is there is not changed by an import."),
        (10, "username", "You may not change people of that role."),
    ]
    assert await stored() == before
    assert (await place.load(f"username\n{gone.username}\n")).people == Tally(unchanged=1)


async def test_a_facility_admin_imports_own_students_into_classes_of_programs_offered_there(place: Place) -> None:
    trades, arts = await factories.program(name="Trades"), await factories.program(name="Arts")
    await factories.program_facility(program=trades, facility=place.north)
    await factories.school_class(program=arts, facility=place.south)
    await factories.user(username="foreign", facility=place.south)
    good = "username,first_name,program,class\nann,Ann,Trades,Welding\n"
    report = await place.load(good, place.warden)
    assert (told(report), report.people, report.classes) == ([], Tally(1), Tally(1))
    assert (await User.get(username="ann")).facility_id == place.north.id
    assert (await SchoolClass.get(name="Welding")).facility_id == place.north.id
    before = await stored()
    report = await place.load(
        "username,first_name,role,facility,program,class,class_facility,program_description\n"
        "ben,Ben,,South,,,,\n"
        "cat,Cat,FACILITY_ADMIN,,,,,\n"
        "foreign,Max,,,,,,\n"
        "dan,Dan,,,Arts,Pottery,,\n"
        "eve,Eve,,,Music,Choir,,\n"
        "flo,Flo,,,Trades,Masonry,South,\n"
        ",,,,Trades,,,Changed\n",
        place.warden,
    )
    assert told(report) == [
        (2, "facility", "There is no such facility."),
        (3, "role", "You may not give that role."),
        (4, "username", "There is already a person with that user name."),
        (5, "program", "Your role may not create or change programs."),
        (6, "program", "Your role may not create or change programs."),
        (7, "class_facility", "There is no such facility."),
        (8, "program", "Your role may not create or change programs."),
    ]
    assert await stored() == before
    student = await factories.user(facility=place.north)
    with pytest.raises(NotAllowed):
        await place.load(good, student)


async def test_seats_go_in_the_order_of_the_lines(place: Place) -> None:
    report = await place.load(
        "username,first_name,facility,program,class,capacity\n"
        "a,Ann,North,Trades,Welding,2\nb,Ben,North,Trades,Welding,\nc,Cat,North,Trades,Welding,\n"
    )
    assert told(report) == [(4, "class", "There is no seat left in this class.")]
    rest = await place.load(
        "username,first_name,facility,program,class,capacity\n"
        "a,Ann,North,Trades,Welding,2\nb,Ben,North,Trades,Welding,\nc,Cat,North,Trades,Welding,\n",
        partial=True,
    )
    assert (rest.people, rest.enrollments, len(rest.errors)) == (Tally(2), Tally(2), 1)
    swap = await place.load(
        "username,first_name,facility,program,class,enrollment_status\n"
        "a,,North,Trades,Welding,WITHDRAWN\nc,Cat,North,Trades,Welding,\n"
    )
    assert (told(swap), swap.enrollments) == ([], Tally(1, 1))
    fewer = await place.load("program,class,class_facility,capacity\nTrades,Welding,North,1\n")
    assert told(fewer) == [(2, "capacity", "2 people are enrolled: there cannot be fewer seats.")]


async def test_enrolments_follow_the_rules_of_the_single_mutations(place: Place) -> None:
    over = await factories.school_class(name="Over", facility=place.north, status=ClassStatus.COMPLETED)
    program = await Program.get(id=over.program_id)
    twins = await factories.school_class(name="Twin", facility=place.north, program=program)
    await factories.school_class(name="Twin", facility=place.north, program=program)
    gone = await factories.user(username="gone", facility=place.north, deactivated_at=place.house.clock.now)
    boss = await factories.user(username="boss", role=Role.FACILITY_ADMIN, facility=place.north)
    assert twins.name == "Twin"
    rows = [
        ("ann,Ann,North", "Over", "", ""),
        ("boss,,North", "Open", "", ""),
        ("gone,,North", "Open", "", ""),
        ("ben,Ben,North", "Twin", "", ""),
        ("cat,Cat,North", "Open", "ENROLLED", "2026-01-01"),
        (",,", "Open", "DROPPED", ""),
    ]
    text = "username,first_name,facility,program,class,class_facility,enrollment_status,ended_on\n" + "".join(
        f"{who},{program.name},{name},North,{status},{ended}\n" for who, name, status, ended in rows
    )
    report = await place.load(text)
    assert told(report) == [
        (2, "enrollment_status", "This class is over: say how the enrolment ended."),
        (3, "username", "Only students are enrolled."),
        (4, "username", "This person is deactivated: reactivate them first."),
        (5, "class", "There are several classes of that name there: change them one by one."),
        (6, "ended_on", "Who is enrolled has not ended."),
        (7, None, "An enrolment needs a username and a class."),
    ]
    assert await Enrollment.filter(user_id__in=[gone.id, boss.id]).count() == 0


async def test_a_move_ends_the_old_facilitys_enrolments_and_keeps_the_link(place: Place) -> None:
    ann = await factories.user(username="ann", facility=place.north)
    trades = await factories.program(name="Trades")
    welding = await factories.school_class(name="Welding", facility=place.north, program=trades)
    masonry = await factories.school_class(name="Masonry", facility=place.north, program=trades)
    left = await factories.enrollment(user=ann, school_class=welding)
    done = await factories.enrollment(user=ann, school_class=masonry)
    await factories.link(user=ann)
    report = await place.load(
        "username,facility,program,class,class_facility,enrollment_status\n"
        "ann,South,Trades,Welding,North,\nann,South,Trades,Masonry,North,COMPLETED\n"
    )
    assert (told(report), report.people, report.enrollments) == ([], Tally(0, 1), Tally(0, 1))
    statuses = dict(await Enrollment.all().values_list("id", "status"))
    assert statuses == {left.id: EnrollmentStatus.TRANSFERRED, done.id: EnrollmentStatus.COMPLETED}
    assert await ProviderLink.filter(user=ann, unlinked_at=None).count() == 1
    assert await EnrollmentChange.filter(enrollment=left).values_list("reason", flat=True) == [
        "The person moved to another facility."
    ]


async def test_cancelling_a_class_by_file_ends_its_enrolments(place: Place) -> None:
    await place.load(EVERYTHING)
    report = await place.load("program,class,class_facility,class_status\nTrades,Welding,North,cancelled\n")
    assert (told(report), report.classes) == ([], Tally(0, 1))
    row = await Enrollment.get(school_class__name="Welding", school_class__facility=place.north)
    assert (row.status, row.ended_at) == (EnrollmentStatus.CANCELLED, place.house.clock.now)


async def test_the_errors_as_a_file_hold_no_formula(place: Place) -> None:
    report = await place.load("username,first_name,=1+1\nx,y,z\n")
    assert report.errors_csv() == "line,column,message\r\n1,'=1+1,There is no such column.\r\n"


class Counter(logging.Handler):
    """How many statements Tortoise was given."""

    statements = 0

    def emit(self, record: logging.LogRecord) -> None:
        del record
        self.statements += 1


@pytest.fixture
def counter() -> Iterator[Counter]:
    handler, log = Counter(), logging.getLogger("tortoise.db_client")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    yield handler
    log.removeHandler(handler)
    log.setLevel(logging.NOTSET)
    log.propagate = True


async def test_thousands_of_rows_take_few_statements(place: Place, counter: Counter) -> None:
    """Bulk: the number of statements does not follow the number of rows."""
    header = "username,first_name,last_name,facility,program,class\n"
    rows = "".join(f"u{n},First{n},Last{n},North,Program {n % 7},Class {n % 40}\n" for n in range(3_000))
    report = await place.load(header + rows)
    assert (told(report), report.people, report.programs) == ([], Tally(3_000), Tally(7))
    changed = await place.load(header + rows.replace("Last", "Other"))
    assert (told(changed), changed.people, changed.enrollments) == ([], Tally(0, 3_000), Tally(unchanged=3_000))
    assert 0 < counter.statements < 120
    assert await Enrollment.filter(status=EnrollmentStatus.ENROLLED).count() == 3_000
    assert await User.filter(sort_key__startswith="first1 other1").count() == 1
