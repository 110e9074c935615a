"""People by file: who may import whom, and what becomes of those who move."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, Enrollment, EnrollmentChange, ProviderLink, SchoolClass, User
from domain.enums import EnrollmentStatus, Role
from domain.problems import NotAllowed
from services.importing.report import Tally
from tests import factories
from tests.support.importing import Place, told
from tests.support.mutations import stored


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
    of_ann = AuditEntry.filter(object_type="User").order_by("facility_id")
    assert await of_ann.values_list("facility_id", "before", "after") == [
        (place.north.id, {"facility_id": place.north.id}, {"moved_away": True}),
        (place.south.id, {"facility_id": place.north.id}, {"facility_id": place.south.id}),
    ]
