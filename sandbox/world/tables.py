"""All rows of one Canvas with the indexes its answers need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.world import rows as r
from sandbox.world.times import at

ROOT_ID = 1
BIG = 2**53


class Tables:
    """Rows by id, the lists under each parent, and the next free id of each table."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or (lambda: datetime.now(UTC))
        self.accounts: dict[int, r.Account] = {}
        self.terms: dict[int, r.Term] = {}
        self.users: dict[int, r.User] = {}
        self.logins: dict[int, r.Login] = {}
        self.providers: dict[int, r.Provider] = {}
        self.courses: dict[int, r.Course] = {}
        self.sections: dict[int, r.Section] = {}
        self.enrollments: dict[int, r.Enrollment] = {}
        self.categories: dict[int, r.Category] = {}
        self.groups: dict[int, r.Group] = {}
        self.memberships: dict[int, r.Membership] = {}
        self.events: dict[int, r.Event] = {}
        self.progresses: dict[int, r.Progress] = {}
        self.reports: dict[int, r.Report] = {}
        self.pending: dict[int, Callable[[], str | None]] = {}
        self.logins_of_user: defaultdict[int, list[r.Login]] = defaultdict(list)
        self.sections_of_course: defaultdict[int, list[r.Section]] = defaultdict(list)
        self.enrollments_of_course: defaultdict[int, list[r.Enrollment]] = defaultdict(list)
        self.enrollments_of_user: defaultdict[int, list[r.Enrollment]] = defaultdict(list)
        self.categories_of_course: defaultdict[int, list[r.Category]] = defaultdict(list)
        self.groups_of_category: defaultdict[int, list[r.Group]] = defaultdict(list)
        self.memberships_of_group: defaultdict[int, list[r.Membership]] = defaultdict(list)
        self.memberships_of_user: defaultdict[int, list[r.Membership]] = defaultdict(list)
        self.events_of_context: defaultdict[str, list[r.Event]] = defaultdict(list)
        self.events_of_series: defaultdict[str, list[r.Event]] = defaultdict(list)
        self.children_of_event: defaultdict[int, list[r.Event]] = defaultdict(list)
        self._last: defaultdict[str, int] = defaultdict(lambda: 100)

    def now(self) -> str:
        """The present instant, as a row stores it."""
        return at(self.clock())

    def fresh_id(self, table: str, wanted: int | None = None) -> int:
        """The wanted id, or the next one; ids above 2^53 do not move the counter."""
        if wanted is None:
            self._last[table] += 1
            return self._last[table]
        if wanted < BIG:
            self._last[table] = max(self._last[table], wanted)
        return wanted

    def login_of(self, user_id: int) -> r.Login | None:
        """The login that names a person: their first active one."""
        return next((row for row in self.logins_of_user[user_id] if row.state == "active"), None)

    def roster(self, course_id: int) -> list[r.Enrollment]:
        """A course's enrollments in Canvas's order: type, sortable name, id."""
        users = self.users
        return sorted(
            self.enrollments_of_course[course_id],
            key=lambda row: (row.type, users[row.user_id].sortable_name, row.id),
        )

    def state_of(self, row: r.Enrollment) -> str:
        """The row's state, forced to deleted where its section or course is."""
        gone = self.courses[row.course_id].state == r.DELETED or self.sections[row.section_id].state == r.DELETED
        return r.DELETED if gone else row.state

    def live_members(self, group_id: int) -> list[r.Membership]:
        """Memberships that lists show."""
        return [row for row in self.memberships_of_group[group_id] if row.state in {"accepted", "invited", "requested"}]

    def accepted(self, group_id: int) -> list[r.Membership]:
        """Memberships that count."""
        return [row for row in self.memberships_of_group[group_id] if row.state == "accepted"]

    def live_groups(self, category_id: int) -> list[r.Group]:
        """A set's groups by name."""
        found = [row for row in self.groups_of_category[category_id] if row.state != r.DELETED]
        return sorted(found, key=lambda row: (row.name.casefold(), row.id))

    def live_categories(self, course_id: int) -> list[r.Category]:
        """A course's group sets by name."""
        found = [row for row in self.categories_of_course[course_id] if row.state != r.DELETED]
        return sorted(found, key=lambda row: (row.name.casefold(), row.id))

    def concluded(self, course: r.Course) -> bool:
        """Completed, or past the end of the course or of its term."""
        term, now = self.terms[course.term_id], self.now()
        ends = [end for end in (course.end_at, term.end_at) if end]
        return course.state == "completed" or any(end < now for end in ends)

    def account_tree(self, account_id: int) -> set[int]:
        """An account and everything under it."""
        found, size = {account_id}, 0
        while size < len(found):
            size = len(found)
            found |= {row.id for row in self.accounts.values() if row.parent_id in found}
        return found
