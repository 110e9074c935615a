"""What Canvas told us, decoded: immutable, without viewer or facility, fit to be cached (behaviours D-04).

Ids are strings exactly as Canvas knows them; instants are aware UTC; unknown is None.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class Course(msgspec.Struct, frozen=True, array_like=True):
    """A course that is not deleted. `starts_at` and `ends_at` are the course's own, else its term's."""

    id: str
    name: str
    code: str | None
    published: bool
    completed: bool
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str | None
    description: str | None


class Student(msgspec.Struct, frozen=True, array_like=True):
    """One person's student enrolments in one course, folded over sections. `enrolled_at`: the earliest."""

    user_id: str
    active: bool
    enrolled_at: datetime | None
    ended_at: datetime | None
    section_ids: tuple[str, ...]


class Staff(msgspec.Struct, frozen=True, array_like=True):
    """One person in one course who is there as something other than a student: `role` is Canvas's enrolment type."""

    user_id: str
    role: str
    name: str | None


class Roster(msgspec.Struct, frozen=True, array_like=True):
    """Everybody in one course. Students with an active or concluded enrolment, each once."""

    students: tuple[Student, ...]
    staff: tuple[Staff, ...]


class Person(msgspec.Struct, frozen=True, array_like=True):
    """A Canvas account. `name` is the display name; absent identifiers were not visible or do not exist."""

    id: str
    name: str | None
    sortable_name: str | None
    login_id: str | None
    email: str | None
    sis_user_id: str | None

    @property
    def names(self) -> tuple[str | None, str | None]:
        """(first, last) as the sortable name "Last, First" gives them."""
        last, comma, first = (self.sortable_name or "").partition(", ")
        return (first or None, last or None) if comma else (None, last or None)


class GonePerson(msgspec.Struct, frozen=True, array_like=True):
    """A Canvas account that was deleted, or merged into another one."""

    id: str
    name: str | None
    merged_into: str | None


class PersonEnrollment(msgspec.Struct, frozen=True, array_like=True):
    """One person's student enrolment in one course, folded over sections."""

    course_id: str
    active: bool
    enrolled_at: datetime | None
    ended_at: datetime | None


class PersonEnrollments(msgspec.Struct, frozen=True, array_like=True):
    """All courses in which a Canvas account is or was a student. `name` is None where the account is gone."""

    name: str | None
    enrollments: tuple[PersonEnrollment, ...]


class Account(msgspec.Struct, frozen=True, array_like=True):
    """A Canvas account (an institution or a part of one)."""

    id: str
    name: str
    time_zone: str | None


class Courses(msgspec.Struct, frozen=True, array_like=True):
    """The courses of a provider's account, by ascending id."""

    courses: tuple[Course, ...]


class People(msgspec.Struct, frozen=True, array_like=True):
    """The people of a provider's account, by ascending id."""

    people: tuple[Person, ...]


class Event(msgspec.Struct, frozen=True, array_like=True):
    """One calendar row of a course. An occurrence of a series is a row of its own; nothing is to be expanded.

    `day` is the local day of an all-day event, whose instants are midnights; `section_id` is set where only that
    section sees it. `cancelled` rows are shown as such.
    """

    id: str
    course_id: str
    section_id: str | None
    title: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    day: date | None
    location: str | None
    url: str | None
    series_id: str | None
    cancelled: bool


class CourseEvents(msgspec.Struct, frozen=True, array_like=True):
    """The events of one course that overlap one UTC month, or the day before or after it; by start and id."""

    events: tuple[Event, ...]


class CalendarLimit(msgspec.Struct, frozen=True, array_like=True):
    """How many courses one calendar request may name."""

    contexts: int


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One person in one group: `state` is accepted, invited or requested."""

    user_id: str
    state: str
    name: str | None


class Group(msgspec.Struct, frozen=True, array_like=True):
    """A Canvas group. `members` is None where the access key may not see them; `description` where it was not asked."""

    id: str
    name: str | None
    description: str | None
    max_members: int | None
    members: tuple[Member, ...] | None


class GroupSet(msgspec.Struct, frozen=True, array_like=True):
    """A Canvas group category. Its groups, by ascending id, are all there are."""

    id: str
    name: str | None
    self_signup: bool
    student_organized: bool
    groups: tuple[Group, ...]


class CourseGroups(msgspec.Struct, frozen=True, array_like=True):
    """The group sets of one course, without differentiation tags."""

    sets: tuple[GroupSet, ...]

    @property
    def complete(self) -> bool:
        """Whether every member of every group was shown, so that absence means removal."""
        return all(group.members is not None for group_set in self.sets for group in group_set.groups)


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """A job of Canvas's own. `state` is queued, running, completed or failed; the counts are those of a CSV import."""

    id: str
    state: str
    completion: float | None
    groups: int | None
    users: int | None
    import_failed: bool

    @property
    def finished(self) -> bool:
        return self.state in {"completed", "failed"}


class StudentSummary(msgspec.Struct, frozen=True, array_like=True):
    """What one student did in one course. Page views are None where Canvas does not count them; the rest are assignments."""

    user_id: str
    page_views: int | None
    participations: int | None
    total: int
    on_time: int
    late: int
    missing: int


class Summaries(msgspec.Struct, frozen=True, array_like=True):
    """What the students of one course did; `available` is False where this Canvas has no analytics for it."""

    available: bool
    students: tuple[StudentSummary, ...]


class Login(msgspec.Struct, frozen=True, array_like=True):
    """A way for one person to sign in. `provider_id` is None where any authentication provider will do."""

    id: str
    user_id: str
    unique_id: str
    provider_id: str | None
    sis_user_id: str | None


class AuthenticationProvider(msgspec.Struct, frozen=True, array_like=True):
    """A login provider of a Canvas; its secret is never told."""

    id: str
    auth_type: str
    position: int | None
    client_id: str | None
    login_attribute: str | None
