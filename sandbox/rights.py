"""Who is asking, and what they may do.

Rights: read, read_course_list, read_roster, read_users, read_sis, manage_sis, view_logins, manage_logins, manage_groups,
read_calendar, manage_calendar, view_analytics, manage_account, read_reports, manage_enrollments.
"""

from __future__ import annotations

from sandbox.behaviour import Behaviour
from sandbox.refusals import forbidden, not_found
from sandbox.world import SERVICE_USER_ID, World
from sandbox.world.rows import DELETED, Course

TEACHER = {"read", "read_roster", "manage_groups", "read_calendar", "manage_calendar", "view_analytics"}
STUDENT = {"read", "read_roster", "read_calendar"}


class Caller:
    """The user a token acts for. The service user is an admin of the root account."""

    def __init__(self, world: World, behaviour: Behaviour, user_id: int) -> None:
        self._world = world
        self._behaviour = behaviour
        self.user_id = user_id
        self.is_admin = user_id == SERVICE_USER_ID

    @property
    def time_zone(self) -> str:
        return self._world.users[self.user_id].time_zone

    def may(self, right: str) -> bool:
        """A right on the account."""
        return self.is_admin and right not in self._behaviour.denied_rights

    def may_in(self, right: str, course: Course) -> bool:
        """A right in one course."""
        if not self.is_admin:
            return right in self._own_rights(course)
        lost = self._behaviour.denied_courses.get(str(course.id), ())
        return self.may(right) and course.readable and "*" not in lost and right not in lost

    def need(self, right: str) -> None:
        """Refuse without a right on the account."""
        if not self.may(right):
            raise forbidden(self._behaviour.forbidden_status)

    def need_in(self, right: str, course: Course) -> None:
        """Refuse without a right in the course; a deleted course does not exist."""
        if course.state == DELETED:
            raise not_found()
        if not (self.may_in("read", course) and self.may_in(right, course)):
            raise forbidden(self._behaviour.forbidden_status)

    def _own_rights(self, course: Course) -> set[str]:
        rights: set[str] = set()
        for row in self._world.enrollments_of_user[self.user_id]:
            if row.course_id != course.id or row.state != "active":
                continue
            if row.type in {"TeacherEnrollment", "TaEnrollment"}:
                rights |= TEACHER
            elif course.state in {"available", "completed"}:
                rights |= STUDENT
        return rights
