"""Seats and enrolments by file follow the rules of the single mutations."""

from __future__ import annotations

from db.models import Enrollment, Program
from domain.enums import ClassStatus, EnrollmentStatus, Role
from services.importing.report import Tally
from tests import factories
from tests.support.importing import EVERYTHING, Place, told


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


async def test_cancelling_a_class_by_file_ends_its_enrolments(place: Place) -> None:
    await place.load(EVERYTHING)
    report = await place.load("program,class,class_facility,class_status\nTrades,Welding,North,cancelled\n")
    assert (told(report), report.classes) == ([], Tally(0, 1))
    row = await Enrollment.get(school_class__name="Welding", school_class__facility=place.north)
    assert (row.status, row.ended_at) == (EnrollmentStatus.CANCELLED, place.house.clock.now)
