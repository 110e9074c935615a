"""Importing a whole file: what it makes, what it refuses line by line, that it is all or nothing, and that it can be repeated."""

from __future__ import annotations

from datetime import UTC, date, datetime

from db.models import AuditEntry, Enrollment, EnrollmentChange, Program, ProgramFacility, SchoolClass, User
from domain.enums import ClassStatus, EnrollmentStatus, Role
from services.importing.report import Tally
from tests.support.importing import EVERYTHING, NOTHING, Place, told
from tests.support.mutations import stored
from tests.support.statements import Statements


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


async def test_thousands_of_rows_take_few_statements(place: Place, statements: Statements) -> None:
    """Bulk: the number of statements does not follow the number of rows."""
    header = "username,first_name,last_name,facility,program,class\n"
    rows = "".join(f"u{n},First{n},Last{n},North,Program {n % 7},Class {n % 40}\n" for n in range(3_000))
    report = await place.load(header + rows)
    assert (told(report), report.people, report.programs) == ([], Tally(3_000), Tally(7))
    changed = await place.load(header + rows.replace("Last", "Other"))
    assert (told(changed), changed.people, changed.enrollments) == ([], Tally(0, 3_000), Tally(unchanged=3_000))
    assert 0 < statements.kinds.total() < 120
    assert await Enrollment.filter(status=EnrollmentStatus.ENROLLED).count() == 3_000
    assert await User.filter(sort_key__startswith="first1 other1").count() == 1
