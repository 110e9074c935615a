"""What is there of the objects that a file names, locked until the import has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from db.models import Enrollment, Facility, Program, ProgramFacility, SchoolClass, User
from db.queries.enrollments import seats_taken
from db.queries.fetching import batches
from db.queries.programs import programs_by_ids
from db.transactions import lock
from domain.enums import EnrollmentStatus
from domain.scope import Scope
from services.importing.gathering import ClassKey, Gathered

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class State:
    """Rows by what names them in a file.

    `emails` are known only where people sign in by them, those of active people. `sites`: the facility of each class somebody is in; `seats`: how many people a class holds; `zones`: by facility.
    """

    programs: dict[str, Program] = field(default_factory=dict)
    visible: set[int] = field(default_factory=set)
    offers: set[tuple[int, int]] = field(default_factory=set)
    classes: defaultdict[ClassKey, list[SchoolClass]] = field(default_factory=lambda: defaultdict(list))
    people: dict[str, User] = field(default_factory=dict)
    doc_ids: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    enrollments: dict[tuple[int, int], Enrollment] = field(default_factory=dict)
    sites: dict[int, int] = field(default_factory=dict)
    seats: dict[int, int] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)


async def load_state(scope: Scope, found: Gathered, *, by_email: bool) -> State:
    """Read and lock it, in the order in which every write locks: programs, classes, people, enrolments."""
    state = State(zones=dict(await Facility.all().values_list("id", "time_zone")))
    programs = await _rows(Program.filter(archived_at=None), "sort_key", found.programs)
    state.programs = {row.sort_key: row for row in programs}
    ids = [row.id for row in programs]
    state.visible = {row.id for row in await programs_by_ids(scope, ids)}
    for batch in batches(ids):
        pairs = ProgramFacility.filter(program_id__in=batch)
        state.offers.update(await pairs.values_list("program_id", "facility_id"))
    await _load_classes(state, found, ids)
    await _load_people(state, found)
    if by_email:
        active = User.filter(deactivated_at=None)
        for emails in batches(_given(found, "email")):
            state.emails |= dict(await active.filter(email__in=emails).values_list("email", "username_key"))
    return state


async def _load_classes(state: State, found: Gathered, program_ids: list[int]) -> None:
    names = {row.id: row.sort_key for row in state.programs.values()}
    for row in await _rows(SchoolClass.filter(deleted_at=None), "program_id", program_ids):
        key = ClassKey(names[row.program_id], row.facility_id, row.sort_key)
        if key in found.classes:
            state.classes[key].append(row)
    state.seats = await seats_taken(row.id for rows in state.classes.values() for row in rows)


async def _load_people(state: State, found: Gathered) -> None:
    people = await _rows(User.all(), "username_key", found.people)
    state.people = {row.username_key: row for row in people}
    for given in batches(_given(found, "doc_id")):
        state.doc_ids |= dict(await User.filter(doc_id__in=given).values_list("doc_id", "username_key"))
    for row in await _rows(Enrollment.all(), "user_id", [row.id for row in people]):
        pair = (row.school_class_id, row.user_id)
        live = pair in state.enrollments and state.enrollments[pair].status is EnrollmentStatus.ENROLLED
        if not live:
            state.enrollments[pair] = row
    for batch in batches(class_id for class_id, _ in state.enrollments):
        state.sites |= dict(await SchoolClass.filter(id__in=batch).values_list("id", "facility_id"))


def _given(found: Gathered, field: str) -> list[str]:
    return [value for wanted in found.people.values() if (value := wanted.values.get(field))]


async def _rows(found: QuerySet[M], column: str, values: Iterable[Any]) -> list[M]:
    rows: list[M] = []
    for batch in batches(values):
        rows += await lock(found.filter(**{f"{column}__in": batch}).order_by("id"))
    return rows
