"""Worlds from a seed: people, courses and rosters. Oddities, groups and events are in modules of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from sandbox.world.diary import Diary
from sandbox.world.names import NO_LOGIN, login_of, person, user_id_of
from sandbox.world.oddities import add_oddities
from sandbox.world.seed_events import add_events
from sandbox.world.seed_groups import add_groups

SUBJECTS = (
    "Welding WLD, Carpentry CRP, Algebra MAT, English Composition ENG, Biology BIO, Culinary Arts CUL, Computer Basics CMP, "
    "World History HIS, Small Engine Repair SER, Business Writing BUS, Anger Management LIF, Horticulture HRT, "
    "GED Preparation GED, Electrical Wiring ELE, Psychology PSY, Spanish SPA, Bookkeeping ACC, Barbering BRB"
)
LEVELS = ("Intro to", "Foundations of", "Applied", "Advanced")
ZONES = ("America/Chicago", "America/Denver")
BIG_COURSE = 3
BIG_ID_COURSE = 10
CROWD = 130


class Plan(NamedTuple):
    seed: int
    courses: int
    students: int
    students_per_course: int
    weeks: int
    today: date
    plain: bool

    def day(self, offset: int, hour: int = 6) -> datetime:
        """An instant so many days from today, at an hour of UTC."""
        return datetime.combine(self.today + timedelta(days=offset), time(hour), UTC)

    @property
    def staff(self) -> range:
        """The person numbers of teachers, after all students."""
        return range(self.students + 1, self.students + 1 + max(4, self.courses // 6))


def course_id_of(i: int, plain: bool = False) -> int:
    """The Canvas id of the i-th course; one lies above 2^53."""
    return (74_140_000_000_000_000 if i == BIG_ID_COURSE and not plain else 4000) + i


def fill(world: Diary, plan: Plan) -> None:
    """Fill an empty world."""
    rng = Random(plan.seed)
    _frame(world, plan)
    for n in range(1, plan.staff.stop):
        _add_person(world, plan, n)
    for i in range(1, plan.courses + 1):
        _add_course(world, plan, i)
        _enrol_course(world, plan, rng, i)
    if not plan.plain:
        add_oddities(world, plan)
    for i in range(1, plan.courses + 1):
        add_groups(world, i, course_id_of(i, plan.plain), plain=plan.plain)
        add_events(world, plan, i, course_id_of(i, plan.plain))


def _frame(world: Diary, plan: Plan) -> None:
    world.add_account("Trades", id=12, time_zone=ZONES[0], sis_id="TRADES")
    world.add_account("Academics", id=13, time_zone=ZONES[1], sis_id="ACAD")
    world.add_term("Current Term", id=7, start_at=plan.day(-60), end_at=plan.day(70), sis_id="NOW")
    world.add_term("Past Term", id=6, start_at=plan.day(-300), end_at=plan.day(-120), sis_id="PAST")
    world.add_term("Coming Term", id=8, start_at=plan.day(71), end_at=plan.day(190), sis_id="NEXT")


def _add_person(world: Diary, plan: Plan, n: int) -> None:
    first, last = person(plan.seed, n)
    login = None if n == NO_LOGIN else login_of(first, last, n)
    world.add_user(
        f"{first} {last}".strip(),
        id=user_id_of(n),
        login=login,
        sis_id=f"D{n:05d}",
        email=f"{login}@students.example" if login else None,
        sortable_name=f"{last}, {first}" if last else first,
        created_at=plan.day(-200 - n % 90, 10),
    )


def _add_course(world: Diary, plan: Plan, i: int) -> None:
    subjects = [entry.strip().rpartition(" ") for entry in SUBJECTS.split(",")]
    subject, _, code = subjects[i % len(subjects)]
    turn = i // len(subjects)
    suffix = f" {turn // len(LEVELS) + 1}" if turn >= len(LEVELS) else ""
    number = f"{code}-{100 + turn}"
    dated = i % 3 == 0
    world.add_course(
        f"{LEVELS[turn % len(LEVELS)]} {subject}{suffix}",
        id=course_id_of(i, plan.plain),
        code=number,
        account_id=12 if i % 2 else 13,
        term_id=1 if i % 5 == 4 else 7,
        start_at=plan.day(-50) if dated else None,
        end_at=plan.day(60, 5) if dated and i % 2 else None,
        time_zone=ZONES[0] if i % 2 else ZONES[1],
        sis_id=f"{number}-{i}",
        section=f"{number} A",
        created_at=plan.day(-120),
    )


def _enrol_course(world: Diary, plan: Plan, rng: Random, i: int) -> None:
    course, size = course_id_of(i, plan.plain), plan.students_per_course
    if not plan.plain:
        size = CROWD if i == BIG_COURSE else max(1, size + i % 9 - 4)
    joined = plan.day(-40, 15)
    for n in rng.sample(range(1, plan.students + 1), min(size, plan.students)):
        world.enrol(
            course,
            user_id_of(n),
            created_at=joined + timedelta(days=n % 20),
            last_activity_at=plan.day(-(n % 12)) if n % 7 else None,
            final_score=float(50 + n % 50) if n % 4 else None,
        )
    teacher = plan.staff[i % len(plan.staff)]
    world.enrol(course, user_id_of(teacher), type="TeacherEnrollment", created_at=plan.day(-110))
