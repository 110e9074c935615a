"""Enrolling people and saying how they left: outcomes per person, seats, history, and who may."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from db.models import AuditEntry, Enrollment, EnrollmentChange, Facility, SchoolClass, User
from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.refs import CanvasClassRef, CanvasEnrollmentRef, FacilityRef, NativeClassRef, NativeEnrollmentRef, UserRef
from sandbox.world import World
from tests import factories
from tests.support.house import House, gid
from tests.support.mutations import Reply, ask, stored

RESULTS = """class { enrolledCount roster { totalCount } }
  results { userId outcome enrollment { status enrolledAt endedAt user { id } history { fromStatus toStatus by { id } } } }"""
ENROLLMENT = """enrollment { id status endedAt class { enrolledCount }
  history { fromStatus toStatus at reason by { id } } }"""


@dataclass
class Place:
    north: Facility
    south: Facility
    welding: SchoolClass
    """At North, with two seats."""
    department: User
    warden: User
    """The facility admin of North."""


@pytest.fixture
async def place(house: House) -> Place:
    north, south = await factories.facility(name="North"), await factories.facility(name="South")
    welding = await factories.school_class(name="Welding", facility=north, capacity=2)
    department = await factories.user(role=Role.DEPARTMENT_ADMIN)
    warden = await factories.user(role=Role.FACILITY_ADMIN, facility=north)
    return Place(north, south, welding, department, warden)


async def enroll(house: House, viewer: User, row: SchoolClass, *people: User) -> Reply:
    ids = [gid(UserRef(person.id)) for person in people]
    return await ask(house, viewer, "enrollUsers", RESULTS, classId=gid(NativeClassRef(row.id)), userIds=ids)


def outcomes(reply: Reply) -> list[str]:
    return [result["outcome"] for result in reply.subject["results"]]


async def test_everybody_gets_an_outcome_and_seats_go_in_the_order_given(house: House, place: Place) -> None:
    already, ann, ben = [await factories.user(facility=place.north) for _ in range(3)]
    await factories.enrollment(school_class=place.welding, user=already)
    gone = await factories.user(facility=place.north, deactivated_at=house.clock.now)
    foreign = await factories.user(facility=place.south)
    people = [gone, place.warden, foreign, ann, already, ben, ann]
    reply = await enroll(house, place.warden, place.welding, *people)
    assert reply.errors == []
    assert outcomes(reply) == [
        "DEACTIVATED",
        "NOT_A_STUDENT",
        "NOT_FOUND",
        "ENROLLED",
        "ALREADY_ENROLLED",
        "NO_SEAT",
    ]
    assert reply.subject["class"] == {"enrolledCount": 2, "roster": {"totalCount": 2}}
    assert reply.subject["results"][3] == {
        "userId": gid(UserRef(ann.id)),
        "outcome": "ENROLLED",
        "enrollment": {
            "status": "ENROLLED",
            "enrolledAt": "2026-03-02T18:00:00+00:00",
            "endedAt": None,
            "user": {"id": gid(UserRef(ann.id))},
            "history": [{"fromStatus": None, "toStatus": "ENROLLED", "by": {"id": gid(UserRef(place.warden.id))}}],
        },
    }
    entry = await AuditEntry.get()
    assert (entry.action, entry.facility_id, entry.after) == (
        "enrollUsers",
        place.north.id,
        {"enrolled_user_ids": [ann.id]},
    )


async def test_where_nobody_is_enrolled_the_errors_say_why(house: House, place: Place) -> None:
    full = await factories.school_class(facility=place.north, capacity=1)
    await factories.enrollment(school_class=full, user=await factories.user(facility=place.south))
    student, foreign = await factories.user(facility=place.north), await factories.user(facility=place.south)
    before = await stored()
    for people, codes in (
        ([place.warden], ["NotAStudentError"]),
        ([foreign], ["NotFoundError"]),
        ([student], ["ConflictError"]),
        ([student, place.warden, foreign], ["ConflictError", "NotAStudentError", "NotFoundError"]),
    ):
        reply = await enroll(house, place.warden, full, *people)
        assert (reply.codes, reply.paths) == (codes, [["userIds"]] * len(codes))
    assert await stored() == before


async def test_an_id_that_is_nobodys_is_one_persons_outcome(house: House, place: Place) -> None:
    ann = gid(UserRef((await factories.user(facility=place.north)).id))
    given = {"classId": gid(NativeClassRef(place.welding.id)), "userIds": ["nonsense", ann]}
    reply = await ask(house, place.warden, "enrollUsers", "results { userId outcome }", **given)
    assert reply.subject["results"] == [
        {"userId": "nonsense", "outcome": "NOT_FOUND"},
        {"userId": ann, "outcome": "ENROLLED"},
    ]


@pytest.mark.parametrize("count", [0, 1_001])
async def test_nobody_and_too_many_are_refused(house: House, place: Place, count: int) -> None:
    given = {"classId": gid(NativeClassRef(place.welding.id)), "userIds": [gid(UserRef(n + 1)) for n in range(count)]}
    reply = await ask(house, place.warden, "enrollUsers", "results { outcome }", **given)
    assert (reply.codes, reply.paths) == (["InvalidInputError"], [["userIds"]])


async def test_who_completed_a_class_may_take_it_again(house: House, place: Place) -> None:
    ann = await factories.user(facility=place.north)
    await factories.enrollment(school_class=place.welding, user=ann, status=EnrollmentStatus.COMPLETED)
    assert outcomes(await enroll(house, place.warden, place.welding, ann)) == ["ENROLLED"]
    assert await Enrollment.filter(user=ann).count() == 2


async def test_classes_that_are_over_others_and_canvass_take_nobody(house: House, place: Place) -> None:
    ann = await factories.user(facility=place.north)
    canvas = await house.canvas(World())
    foreign, shared = [await factories.school_class(facility=place.south) for _ in range(2)]
    await factories.enrollment(school_class=shared, user=ann)
    over = [
        await factories.school_class(facility=place.north, status=status)
        for status in (ClassStatus.COMPLETED, ClassStatus.CANCELLED)
    ]
    before = await stored()
    cases = [
        (place.warden, NativeClassRef(over[0].id), "ConflictError"),
        (place.warden, NativeClassRef(over[1].id), "ConflictError"),
        (place.warden, NativeClassRef(foreign.id), "NotFoundError"),
        (place.warden, NativeClassRef(shared.id), "NotAllowedError"),
        (ann, NativeClassRef(place.welding.id), "NotAllowedError"),
        (place.department, NativeClassRef(404), "NotFoundError"),
        (place.department, CanvasClassRef(canvas.id, "7"), "ReadOnlyError"),
    ]
    for viewer, ref, code in cases:
        reply = await ask(house, viewer, "enrollUsers", RESULTS, classId=gid(ref), userIds=[gid(UserRef(ann.id))])
        assert (reply.codes, reply.subject) == ([code], {"class": None, "results": []})
    assert await stored() == before


async def test_a_repeat_with_the_same_key_tells_the_same_outcomes(house: House, place: Place) -> None:
    """C-25."""
    ids = [gid(UserRef((await factories.user(facility=place.north)).id)) for _ in range(3)]
    given = {"classId": gid(NativeClassRef(place.welding.id)), "userIds": ids, "idempotencyKey": "k"}
    first = await ask(house, place.warden, "enrollUsers", RESULTS, **given)
    assert outcomes(first) == ["ENROLLED", "ENROLLED", "NO_SEAT"]
    assert await ask(house, place.warden, "enrollUsers", RESULTS, **given) == first
    assert await EnrollmentChange.all().count() == 2


async def update(house: House, viewer: User, row: Enrollment, **given: object) -> Reply:
    return await ask(house, viewer, "updateEnrollment", ENROLLMENT, id=gid(NativeEnrollmentRef(row.id)), **given)


@pytest.mark.parametrize("status", [status for status in EnrollmentStatus if status is not EnrollmentStatus.ENROLLED])
async def test_leaving_a_class_ends_the_enrolment_with_a_reason(
    house: House, place: Place, status: EnrollmentStatus
) -> None:
    row = await factories.enrollment(school_class=place.welding, user=await factories.user(facility=place.north))
    reply = await update(house, place.warden, row, status=status.value, reason=" Had enough. ")
    assert reply.errors == []
    assert reply.subject["enrollment"] == {
        "id": gid(NativeEnrollmentRef(row.id)),
        "status": status.value,
        "endedAt": "2026-03-02T18:00:00+00:00",
        "class": {"enrolledCount": 0},
        "history": [
            {
                "fromStatus": "ENROLLED",
                "toStatus": status.value,
                "at": "2026-03-02T18:00:00+00:00",
                "reason": "Had enough.",
                "by": {"id": gid(UserRef(place.warden.id))},
            }
        ],
    }
    entry = await AuditEntry.get()
    assert (entry.action, entry.facility_id) == ("updateEnrollment", place.north.id)
    assert (entry.before["status"], entry.after["status"]) == ("ENROLLED", status.value)
    assert await update(house, place.warden, row, status=status.value) == reply
    assert await EnrollmentChange.all().count() == 1


async def test_a_correction_keeps_the_day_it_ended_and_enrolling_again_takes_it_back(
    house: House, place: Place
) -> None:
    row = await factories.enrollment(school_class=place.welding, user=await factories.user(facility=place.north))
    await update(house, place.warden, row, status="DROPPED")
    house.clock.pass_(days=3)
    corrected = await update(house, place.warden, row, status="WITHDRAWN")
    assert corrected.subject["enrollment"]["endedAt"] == "2026-03-02T18:00:00+00:00"
    back = (await update(house, place.warden, row, status="ENROLLED")).subject["enrollment"]
    assert (back["status"], back["endedAt"], back["class"]["enrolledCount"]) == ("ENROLLED", None, 1)
    assert [step["toStatus"] for step in back["history"]] == ["DROPPED", "WITHDRAWN", "ENROLLED"]


async def test_nobody_comes_back_without_a_seat_or_into_a_class_that_is_over(house: House, place: Place) -> None:
    ended = {"status": EnrollmentStatus.DROPPED}
    over = await factories.school_class(facility=place.north, status=ClassStatus.COMPLETED)
    twice, gone = await factories.user(facility=place.north), await factories.user(facility=place.north)
    boss = await factories.user(role=Role.FACILITY_ADMIN, facility=place.north)
    roomy = await factories.school_class(facility=place.north)
    cases = [
        (await factories.enrollment(school_class=over, user=twice, **ended), "ConflictError"),
        (await factories.enrollment(school_class=roomy, user=twice, **ended), "ConflictError"),
        (await factories.enrollment(school_class=roomy, user=gone, **ended), "ConflictError"),
        (await factories.enrollment(school_class=roomy, user=boss, **ended), "NotAStudentError"),
        (await factories.enrollment(school_class=place.welding, user=twice, **ended), "ConflictError"),
    ]
    await factories.enrollment(school_class=roomy, user=twice)
    await User.filter(id=gone.id).update(deactivated_at=house.clock.now)
    for _ in range(2):
        await factories.enrollment(school_class=place.welding, user=await factories.user(facility=place.south))
    before = await stored()
    for row, code in cases:
        assert (await update(house, place.department, row, status="ENROLLED")).codes == [code]
    assert await stored() == before


async def test_an_enrolment_out_of_scope_does_not_exist(house: House, place: Place) -> None:
    ann, foreign = await factories.user(facility=place.north), await factories.user(facility=place.south)
    row = await factories.enrollment(school_class=place.welding, user=foreign)
    own = await factories.enrollment(school_class=place.welding, user=ann)
    before = await stored()
    assert (await update(house, place.warden, row, status="DROPPED")).codes == ["NotFoundError"]
    assert (await update(house, ann, own, status="DROPPED")).codes == ["NotAllowedError"]
    canvas = gid(CanvasEnrollmentRef(1, "7", "3"))
    reply = await ask(house, place.warden, "updateEnrollment", ENROLLMENT, id=canvas, status="DROPPED")
    assert reply.codes == ["ReadOnlyError"]
    long = await update(house, place.warden, own, status="DROPPED", reason="x" * 1_001)
    assert (long.codes, long.paths) == (["InvalidInputError"], [["reason"]])
    assert await stored() == before


async def test_an_admin_ends_the_enrolment_of_an_own_person_in_anothers_class(house: House, place: Place) -> None:
    pottery = await factories.school_class(facility=place.south)
    row = await factories.enrollment(school_class=pottery, user=await factories.user(facility=place.north))
    reply = await update(house, place.warden, row, status="WITHDRAWN")
    assert (reply.errors, reply.subject["enrollment"]["status"]) == ([], "WITHDRAWN")


async def test_many_at_once_never_share_a_seat(house: House, place: Place) -> None:
    people = [await factories.user(facility=place.north) for _ in range(6)]
    replies = await asyncio.gather(*(enroll(house, place.warden, place.welding, person) for person in people))
    assert sorted(outcome for reply in replies for outcome in outcomes(reply)) == ["ENROLLED"] * 2 + ["NO_SEAT"] * 4
    assert await Enrollment.filter(status=EnrollmentStatus.ENROLLED).count() == 2


async def test_a_move_and_an_enrolment_at_once_leave_nobody_in_the_old_facility_unseen(
    house: House, place: Place
) -> None:
    """Whichever comes first: an enrolment before the move ends with it, one after it is a new one, told as such."""
    ann = await factories.user(facility=place.north)
    moving = ask(
        house,
        place.department,
        "updateUser",
        "user { id }",
        id=gid(UserRef(ann.id)),
        facilityId=gid(FacilityRef(place.south.id)),
    )
    given = {"classId": gid(NativeClassRef(place.welding.id)), "userIds": [gid(UserRef(ann.id))]}
    enrolling = ask(house, place.warden, "enrollUsers", "results { outcome }", **given)
    enrolled, moved = await asyncio.gather(enrolling, moving)
    assert moved.errors == []
    row = await Enrollment.get_or_none(user=ann)
    if outcomes(enrolled) == ["ENROLLED"]:
        assert row is not None
        assert row.status is EnrollmentStatus.TRANSFERRED
    else:
        assert (outcomes(enrolled), row) == (["NOT_FOUND"], None)
