"""An organisation with one of everything on either side of a wall: North, South, and what is in Canvas."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from db import models
from db.models import Facility, Provider, User
from domain.enums import Role, Source, SyncKind
from domain.refs import (
    AuditEntryRef,
    CalendarFeedRef,
    CanvasClassRef,
    CanvasEnrollmentRef,
    CanvasEventRef,
    CanvasProgramRef,
    FacilityRef,
    HolidayRef,
    MatchApplicationRef,
    NativeClassRef,
    NativeEnrollmentRef,
    NativeEventRef,
    NativeProgramRef,
    ProviderLinkRef,
    ProviderRef,
    PushPlanRef,
    Ref,
    RoomRef,
    SyncRunRef,
    TeamRef,
    UserRef,
)
from domain.teams import class_key
from sandbox.world import World
from sandbox.world.rows import Course
from tests import factories
from tests.support.house import NOON, House, gid

SIDES = ("north", "south")
MEETS = NOON + timedelta(hours=3)


@dataclass
class Side:
    """A facility with its people. What is private there has `private` in it."""

    name: str
    place: Facility
    student: User
    officer: User

    @property
    def private(self) -> list[str]:
        return [f"{self.name}-secret", f"{self.name}.student", f"{self.name}.officer"]


@dataclass
class Estate:
    """`ids` are by kind of ref and by side; `only` is the provider that is on in the South alone."""

    sides: dict[str, Side]
    department: User
    system: User
    stranger: User
    world: World
    canvas: Provider
    only: Provider
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    free_accounts: dict[str, str] = field(default_factory=dict)

    def put(self, side: str, ref: Ref) -> None:
        self.ids[type(ref).__name__.removesuffix("Ref"), side] = gid(ref)

    @property
    def viewers(self) -> dict[str, User | None]:
        return {
            "nobody": None,
            "student": self.sides["north"].student,
            "stranger": self.stranger,
            "officer": self.sides["north"].officer,
            "foreigner": self.sides["south"].officer,
            "department": self.department,
            "system": self.system,
        }


async def build(house: House) -> Estate:
    """Write it all down."""
    sides = {}
    for name in SIDES:
        place = await factories.facility(name=name.title())
        student = await factories.user(
            facility=place,
            username=f"{name}.student",
            first_name=f"{name}-secret",
            last_name="Student",
            doc_id=f"{name}-secret-id",
            email=f"{name}-secret@home.example",
        )
        officer = await factories.user(facility=place, username=f"{name}.officer", role=Role.FACILITY_ADMIN)
        sides[name] = Side(name, place, student, officer)
    world = World()
    canvas = await house.canvas(world, name="Everywhere")
    only = await house.canvas(World(), name="South Only", facility_limited=True)
    await factories.provider_facility(provider=only, facility=sides["south"].place)
    estate = Estate(
        sides,
        department=await factories.user(role=Role.DEPARTMENT_ADMIN),
        system=await factories.user(role=Role.SYSTEM_ADMIN),
        stranger=await factories.user(username="stranger"),
        world=world,
        canvas=canvas,
        only=only,
    )
    shared = world.add_course("Shared")
    world.add_section(shared.id, "B")
    for side in sides.values():
        await _native(estate, side)
        await _in_canvas(estate, side, shared)
    await _common(estate, shared)
    return estate


async def _native(estate: Estate, side: Side) -> None:
    program = await factories.program(name=f"{side.name} program")
    await factories.program_facility(program=program, facility=side.place)
    taught = await factories.school_class(name=f"{side.name} class", program=program, facility=side.place)
    enrolled = await factories.enrollment(school_class=taught, user=side.student)
    room = await factories.room(facility=side.place, name=f"{side.name} room")
    holiday = await factories.holiday(facility=side.place, name=f"{side.name} holiday")
    event = await factories.class_event(school_class=taught, starts_at=MEETS, room=room)
    team = await models.Team.create(
        name=f"{side.name} team", sort_key=f"{side.name} team", facility=side.place, facility_key=side.place.id
    )
    await models.TeamMembership.create(team=team, user=side.student, source=Source.NATIVE, since=NOON)
    run = await models.SyncRun.create(
        kind=SyncKind.MATCH, provider=estate.canvas, facility_id=side.place.id, requested_by=side.officer
    )
    feed = await factories.calendar_feed(user=side.student, created_by=side.student)
    entry = await factories.audit_entry(facility_id=side.place.id, actor_id=side.officer.id)
    for ref in (
        FacilityRef(side.place.id),
        UserRef(side.student.id),
        NativeProgramRef(program.id),
        NativeClassRef(taught.id),
        NativeEnrollmentRef(enrolled.id),
        RoomRef(room.id),
        HolidayRef(holiday.id),
        NativeEventRef(event.id, f"{MEETS:%Y%m%dT%H%M%S}"),
        TeamRef(team.id),
        SyncRunRef(run.id),
        AuditEntryRef(entry.id),
        CalendarFeedRef(feed.id),
    ):
        estate.put(side.name, ref)


async def _in_canvas(estate: Estate, side: Side, shared: Course) -> None:
    world, number = estate.world, estate.canvas.id
    account = world.add_user(f"{side.name.title()} Account")
    world.enrol(shared.id, account.id)
    own = world.add_course(f"{side.name.title()} Course")
    world.enrol(own.id, account.id)
    free = world.add_user(f"{side.name.title()} Free")
    world.enrol(own.id, free.id)
    estate.free_accounts[side.name] = str(free.id)
    application = await factories.match_application(
        provider=estate.canvas, applied_by_id=side.officer.id, facility_id=side.place.id
    )
    await _teams(estate, side, own, account.id)
    link = await factories.link(
        provider=estate.canvas, user=side.student, external_user_id=str(account.id), application=application
    )
    plan = await models.PushPlan.create(
        provider=estate.canvas,
        course_id=str(own.id),
        requested_by=side.officer,
        facility_id=side.place.id,
        expires_at=NOON + timedelta(minutes=30),
    )
    event = world.add_event(f"course_{own.id}", "Meeting", start_at=MEETS, end_at=MEETS + timedelta(hours=1))
    for ref in (
        ProviderLinkRef(link.id),
        CanvasClassRef(number, str(own.id)),
        CanvasEnrollmentRef(number, str(own.id), str(account.id)),
        MatchApplicationRef(application.id),
        PushPlanRef(plan.id),
        CanvasEventRef(number, str(own.id), str(event.id)),
    ):
        estate.put(side.name, ref)


async def _teams(estate: Estate, side: Side, course: Course, account_id: int) -> None:
    """A Canvas group with the person in it, as pulled, and a team made by hand in the same class."""
    group_set = estate.world.add_group_set(course.id, "Projects")
    group = estate.world.add_group(group_set.id, f"{side.name.title()} Group", members=[account_id])
    ref = CanvasClassRef(estate.canvas.id, str(course.id))
    place = {"class_key": class_key(ref), "provider": estate.canvas, "course_id": str(course.id)}
    pulled = await models.Team.create(
        name=group.name,
        sort_key=group.name.lower(),
        source=Source.CANVAS,
        canvas_group_id=str(group.id),
        canvas_set_id=str(group_set.id),
        canvas_set_name="Projects",
        set_key=str(group_set.id),
        seen={str(account_id): side.student.id},
        **place,
    )
    by_hand = await models.Team.create(
        name=f"{side.name} class team",
        sort_key=f"{side.name} class team",
        facility=side.place,
        facility_key=side.place.id,
        **place,
    )
    await models.TeamMembership.create(
        team=pulled,
        user=side.student,
        source=Source.CANVAS,
        since=NOON,
        class_key=pulled.class_key,
        set_key=pulled.set_key,
    )
    estate.ids["CanvasTeam", side.name] = gid(TeamRef(pulled.id))
    estate.ids["ClassTeam", side.name] = gid(TeamRef(by_hand.id))


async def _common(estate: Estate, shared: Course) -> None:
    alone = estate.world.add_course("Alone")
    estate.put("shared", CanvasClassRef(estate.canvas.id, str(shared.id)))
    estate.put("alone", CanvasClassRef(estate.canvas.id, str(alone.id)))
    estate.put("everywhere", ProviderRef(estate.canvas.id))
    estate.put("everywhere", CanvasProgramRef(estate.canvas.id))
    estate.put("only", ProviderRef(estate.only.id))
    estate.put("only", CanvasProgramRef(estate.only.id))
    estate.put("stranger", UserRef(estate.stranger.id))
