"""Programs, classes and enrolments of both sources, in one shape each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.enums import ClassStatus, EnrollmentStatus, SourceState
from domain.freshness import FRESH, Freshness
from domain.refs import ClassRef, EnrollmentRef, ProgramRef

CANVAS_READ_ONLY = "This program is managed externally in Canvas. Data is read-only."


@dataclass(frozen=True, slots=True)
class Program:
    """`provider` is set exactly for Canvas programs."""

    ref: ProgramRef
    name: str
    description: str | None
    is_active: bool
    types: tuple[str, ...]
    credit_types: tuple[str, ...]
    funding_type: str | None
    archived_at: datetime | None
    provider: int | None = None


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """Dates are days in `time_zone`. `facility_id` is None for Canvas classes: a course has no facility."""

    ref: ClassRef
    name: str
    description: str | None
    program: ProgramRef
    facility_id: int | None
    status: ClassStatus
    start_date: date | None
    end_date: date | None
    time_zone: str | None
    capacity: int | None
    credit_hours: float | None
    instructors: tuple[str, ...]
    canvas_url: str | None = None
    listed: Freshness = FRESH
    """Of the course list it was read from; its roster has an age of its own."""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One person in one class, counted once."""

    ref: EnrollmentRef
    user_id: int
    school_class: ClassRef
    status: EnrollmentStatus
    enrolled_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FacilityCount:
    """How many of a facility's people are enrolled in a class."""

    facility_id: int
    enrolled: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts of one program as behaviours §1.4 defines them. None: not known now, or nothing to divide by."""

    class_count: int | None = None
    active_class_count: int | None = None
    active_enrollments: int | None = None
    total_enrollments: int | None = None
    residents: int | None = None
    enrolled: int | None = None
    completed: int | None = None
    capacity: int | None = None
    filled_seats: int | None = None
    attendance_rate: float | None = None

    @property
    def completion_rate(self) -> float | None:
        """Completed ÷ (active + completed) enrolments, whether or not the class ended."""
        if self.completed is None or self.enrolled is None or not self.completed + self.enrolled:
            return None
        return self.completed / (self.completed + self.enrolled)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What one provider contributed to a list."""

    provider: int
    freshness: Freshness
    expected: int | None
    loaded: int | None

    @property
    def state(self) -> SourceState:
        return self.freshness.state
