"""The enums of the calendar, described for those who read the schema."""

from __future__ import annotations

from domain.enums import AttendanceFlagKind, AttendanceMark, EventSpan, OverlapKind
from graph.enums import describe

__all__ = ["AttendanceFlagKind", "AttendanceMark", "EventSpan", "OverlapKind"]

describe(
    AttendanceMark,
    "How a person was at a session.",
    {
        "PRESENT": "There.",
        "PARTIAL": "There for a part of it; counts as there.",
        "EXCUSED": "Away with a reason; counts neither way.",
        "UNEXCUSED": "Away without one.",
    },
)
describe(
    AttendanceFlagKind,
    "Why somebody is on the list of people who may need help.",
    {
        "NO_ATTENDANCE": "Never there: no session attended; in Canvas no page viewed or no participation.",
        "MULTIPLE_ABSENCES": "Missed too much: three unexcused absences in 28 days; in Canvas over 30 % of assignments.",
    },
)
describe(
    EventSpan,
    "How much of a series a change is about.",
    {
        "ALL": "The whole series, its past included.",
        "FOLLOWING": "This occurrence and all later ones; those before it stay as they were.",
    },
)
describe(
    OverlapKind,
    "What two sessions at the same time share.",
    {"ROOM": "The room.", "INSTRUCTOR": "The instructor."},
)
