"""The demo's native side: an organisation whose people are, in part, those of the Canvas beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.models import (
    Enrollment,
    EnrollmentChange,
    Facility,
    Program,
    ProgramFacility,
    ProviderLink,
    SchoolClass,
    User,
)
from domain import facts
from domain.enums import ClassStatus, EnrollmentStatus, ProviderKind, Role
from domain.names import fold
from domain.refs import NativeClassRef, ProviderRef
from loaders.kinds import ACCOUNT, PEOPLE
from services.canvas_users import students
from services.demo_events import add_events
from services.demo_people import LINKED_SHARE, add_people, new_user
from services.demo_teams import seed_teams
from services.operation import Operation
from services.provider_changes import ProviderFields, create_provider

FACILITIES = (
    ("Cedar Ridge", "America/Chicago"),
    ("Bayview", "America/New_York"),
    ("North Fork", "America/Chicago"),
    ("Stone Harbor", "America/New_York"),
)
PROGRAMS = (
    ("Adult Basic Education", "Educational", "Literacy"),
    ("Barbering", "Vocational", "Completion"),
    ("Bricklaying", "Vocational", "Completion"),
    ("Cognitive Skills", "Life skills", "Participation"),
    ("Computer Basics", "Educational", "Completion"),
    ("Creative Writing", "Educational", "Participation"),
    ("Culinary Arts", "Vocational", "Completion"),
    ("English as a Second Language", "Educational", "Literacy"),
    ("Financial Literacy", "Life skills", "Completion"),
    ("High School Equivalency", "Educational", "Diploma"),
    ("Parenting", "Life skills", "Participation"),
    ("Welding Basics", "Vocational", "Completion"),
)
TERMS = ("Morning", "Evening")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    people: int = 120
    facilities: int = 4


@dataclass(frozen=True, slots=True)
class Seeded:
    """User names to sign in with, by role."""

    users: dict[str, str]


async def seed(op: Operation, canvas_url: str, access_key: str, dead_url: str, size: Size) -> Seeded:
    """Fill an empty database: facilities, people, programs, classes, enrolments, two Canvases of which one is down.

    Source: the people of the Canvas at `canvas_url`, which has to answer.
    """
    rng = random.Random(1)  # noqa: S311  the same demo every time
    facilities = await _facilities(size.facilities)
    college = await create_provider(op, _canvas("State College", canvas_url, access_key))
    await create_provider(op, _canvas("Harbor College", dead_url, "the-demo-never-uses-this"))
    op.loaders.forget()
    accounts = await _accounts(op, college)
    people = await add_people(rng, size.people, facilities, accounts)
    await _link(op, college, people[: int(len(people) * LINKED_SHARE)], accounts)
    await _programs(op, rng, facilities, people)
    classes = await SchoolClass.all().order_by("id")
    await add_events(rng, op.now(), classes)
    await seed_teams(op, [NativeClassRef(row.id) for row in classes])
    op.loaders.forget()
    return Seeded(await _staff(facilities[0]) | {"student": people[0].username})


def _canvas(name: str, url: str, key: str) -> ProviderFields:
    return ProviderFields(name=name, kind=ProviderKind.CANVAS_OSS, base_url=url, account_id="1", access_key=key)


async def _accounts(op: Operation, college: ProviderRef) -> list[facts.Person]:
    await op.engine.facts.refresh(PEOPLE, college.id, [ACCOUNT])
    found = await students(op.loaders, college.id)
    if found is None:
        raise ConnectionError("The demo's Canvas did not answer.")
    return [person for person, _ in found.people if person.name]


async def _facilities(count: int) -> list[Facility]:
    more = ((f"Facility {n}", FACILITIES[n % 2][1]) for n in range(len(FACILITIES) + 1, count + 1))
    named = [*FACILITIES, *more][:count]
    return [await Facility.create(name=name, sort_key=fold(name), time_zone=zone) for name, zone in named]


async def _staff(facility: Facility) -> dict[str, str]:
    names = {
        "system_admin": Role.SYSTEM_ADMIN,
        "department_admin": Role.DEPARTMENT_ADMIN,
        "facility_admin": Role.FACILITY_ADMIN,
    }
    for username, role in names.items():
        await new_user(username.partition("_")[0].title(), "Admin", username, None, facility, role).save()
    return {username: username for username in names}


async def _link(op: Operation, college: ProviderRef, people: Sequence[User], accounts: Sequence[facts.Person]) -> None:
    by_login = {account.login_id: account for account in accounts}
    pairs = [(person, by_login[person.username]) for person in people if person.username in by_login]
    links = [
        ProviderLink(
            user_id=person.id,
            provider_id=college.id,
            external_user_id=account.id,
            external_username=account.login_id,
            canvas_name=account.name,
            canvas_name_at=op.now(),
            linked_at=op.now(),
        )
        for person, account in pairs
    ]
    await ProviderLink.bulk_create(links, batch_size=500)


async def _programs(op: Operation, rng: random.Random, facilities: Sequence[Facility], people: Sequence[User]) -> None:
    for number, (name, kind, credit) in enumerate(PROGRAMS):
        program = await Program.create(
            name=name, sort_key=fold(name), is_active=True, types=[kind], credit_types=[credit], funding_type="State"
        )
        offered = [facilities[(number + k) % len(facilities)] for k in range(2)]
        for facility, term in zip(dict.fromkeys(offered), TERMS, strict=False):
            await ProgramFacility.create(program_id=program.id, facility_id=facility.id)
            await _class(op, rng, program, facility, term, [p for p in people if p.facility_id == facility.id])


async def _class(
    op: Operation, rng: random.Random, program: Program, facility: Facility, term: str, people: Sequence[User]
) -> None:
    name, today = f"{program.name} ({term})", op.now().date()
    over = rng.random() < 0.2
    row = await SchoolClass.create(
        program_id=program.id,
        facility_id=facility.id,
        name=name,
        sort_key=fold(name),
        status=ClassStatus.COMPLETED if over else ClassStatus.ACTIVE,
        start_date=today - timedelta(days=120 if over else 40),
        end_date=today - timedelta(days=10) if over else today + timedelta(days=60),
        capacity=20,
        credit_hours=3.0,
        instructors=[rng.choice(("P. Ortiz", "M. Chen", "R. Adeyemi", "S. Novak"))],
    )
    await _enroll(op.now(), row, rng.sample(list(people), min(8, len(people))), over=over)


async def _enroll(now: datetime, row: SchoolClass, people: Sequence[User], *, over: bool) -> None:
    for number, person in enumerate(people):
        done = over or number == 0
        began = datetime.combine(row.start_date or date.min, datetime.min.time(), now.tzinfo)
        status = EnrollmentStatus.COMPLETED if done else EnrollmentStatus.ENROLLED
        entry = await Enrollment.create(
            school_class_id=row.id, user_id=person.id, status=status, enrolled_at=began, ended_at=now if done else None
        )
        await EnrollmentChange.create(enrollment_id=entry.id, from_status=None, to_status=status, at=began)
