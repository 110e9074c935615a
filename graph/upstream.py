"""Which facts of Canvas each field is made of, and the requests that fetch them: what `explain` counts before anything runs.

For those who see everything; the lists of students are made of their own accounts instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLObjectType

from graph.execution.explain import Met
from loaders.calendar_kinds import CALENDAR_LIMIT
from loaders.kinds import COURSES, PEOPLE, PERSON, ROSTER, SUMMARIES
from services.canvas_events import DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Need:
    """`kind` is the fact's. `count` says how many requests it takes; of facts of single rows one answers `rows` of them."""

    kind: str
    request: str
    count: str = ""
    rows: int = 0

    def told(self, objects: int) -> str:
        count = f"at most {math.ceil(objects / self.rows)} of" if self.rows else self.count
        return f"  {self.kind}: {count} {self.request}"


_GRAPHQL = "POST api/graphql"
_PAGES = "1 for every 100 rows of"
LIST = Need(COURSES.name, "GET accounts/:id/courses", _PAGES)
ACCOUNTS = Need(PEOPLE.name, "GET accounts/:id/users", _PAGES)
LIMIT = Need(CALENDAR_LIMIT.name, "GET settings/environment", "1 of")
ROSTERS = Need(ROSTER.name, _GRAPHQL, rows=ROSTER.batch)
EVERY_ROSTER = Need(ROSTER.name, _GRAPHQL, f"1 for every {ROSTER.batch} courses of")
PERSONS = Need(PERSON.name, _GRAPHQL, rows=PERSON.batch)
NUMBERS = Need(SUMMARIES.name, "GET courses/:id/analytics/student_summaries", rows=1)
MONTHS = Need("events", "GET calendar_events", f"1 for every {DEFAULT_LIMIT} courses in a month of")

_EVENTS = (LIST, LIMIT, MONTHS, EVERY_ROSTER)
_MATCHING = (ACCOUNTS, LIST, EVERY_ROSTER)
NEEDS: dict[str, tuple[Need, ...]] = {
    "Query.classes": (LIST,),
    "Query.class": (LIST,),
    "Query.node": (LIST,),
    "Query.nodes": (LIST,),
    "Query.calendar": _EVENTS,
    "Query.matchReport": _MATCHING,
    "Program.classes": (LIST,),
    "Program.metrics": (LIST, EVERY_ROSTER),
    "Class.instructors": (ROSTERS,),
    "Class.enrolledCount": (ROSTERS,),
    "Class.completedCount": (ROSTERS,),
    "Class.enrollmentsByFacility": (ROSTERS,),
    "Class.roster": (ROSTERS,),
    "Class.atRisk": (ROSTERS, NUMBERS),
    "Class.schedule": _EVENTS,
    "Class.events": _EVENTS,
    "CalendarEvent.class": (LIST,),
    "Enrollment.class": (LIST,),
    "Team.class": (LIST,),
    "SyncRun.class": (LIST,),
    "User.enrollments": (LIST, PERSONS),
    "Provider.freshness": (LIST,),
    "Provider.canvasUsers": _MATCHING,
    "Provider.unlinkedStudentCount": _MATCHING,
    "Provider.matchReport": _MATCHING,
}


def needs_of(type_: GraphQLObjectType | GraphQLInterfaceType, name: str) -> tuple[Need, ...]:
    for owner in (type_, *type_.interfaces):
        found = NEEDS.get(f"{owner.name}.{name}")
        if found is not None:
            return found
    return ()


def told(met: Iterable[Met]) -> Iterator[str]:
    """Lines for `explain`: each kind of request once, however many fields need it."""
    most: dict[Need, int] = {}
    for step, rows in met:
        for need in needs_of(step.parent_type, step.details[0].node.name.value):
            most[need] = max(most.get(need, 0), rows)
    if not most:
        yield "Canvas is not asked."
        return
    yield "Of each Canvas, where nothing is in memory:"
    every = {need.kind for need in most if not need.rows}
    for need, rows in most.items():
        if not (need.rows and need.kind in every):
            yield need.told(rows)
