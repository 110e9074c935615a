"""One Canvas's whole content: empty and built by hand, or generated from a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from sandbox.world import rows as r
from sandbox.world.diary import Diary
from sandbox.world.tables import ROOT_ID

SERVICE_USER_ID = 7


class World(Diary):
    """State in memory. A new world has the root account 1, the default term 1 and the service user 7."""

    def __init__(self, clock: Callable[[], datetime] | None = None, name: str = "Riverside State College") -> None:
        super().__init__(clock)
        self.add_account(name, id=ROOT_ID, parent_id=None)
        self.add_term("Default Term", id=1)
        self.add_user("Homeroom Service", id=SERVICE_USER_ID, login="homeroom.service")
        self.providers[1] = r.Provider(id=1, auth_type="canvas", position=1, settings={})
        self.fresh_id("provider", 1)

    @staticmethod
    def generate(
        *,
        seed: int = 1,
        courses: int = 60,
        students: int = 400,
        students_per_course: int = 30,
        weeks: int = 16,
        today: date | None = None,
        plain: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> World:
        """Make the world of a seed around `today` (default: the clock's own day).

        Shape: ids, names, rosters and groups depend on the arguments only; dates also on `today`.
               `plain` leaves every oddity out: each course is available and has exactly `students_per_course`
               active students, one teacher, one set of groups and one weekly series of `weeks` rows.
        """
        from sandbox.world.generate import Plan, fill

        real = clock or (lambda: datetime.now(UTC))
        day = today or real().date()
        world = World(lambda: datetime.combine(day, time(), UTC))
        fill(world, Plan(seed, courses, students, min(students_per_course, students), weeks, day, plain))
        world.clock = real
        return world
