"""What Canvas told us, decoded: immutable, without viewer or facility, fit to be cached (behaviours D-04).

Ids are strings exactly as Canvas knows them; instants are aware UTC; unknown is None.
"""

from __future__ import annotations

from datetime import datetime

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
