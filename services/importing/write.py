"""Carrying out the plan of an import in bulk, with an audit entry and a step of history for each object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from tortoise.models import Model

from db.bulk import update_all
from db.models import Enrollment, EnrollmentChange, Program, ProgramFacility, SchoolClass, User
from db.queries.fetching import batches
from domain.enums import ClassStatus, EnrollmentStatus
from domain.refs import NativeClassRef, NativeEnrollmentRef, NativeProgramRef, NativeRef, UserRef
from services import audit
from services.class_changes import CANCELLED
from services.enrollment_ending import change, end_open
from services.feeds import end_feeds
from services.importing.gathering import ClassKey
from services.importing.plan import Asking, Change
from services.importing.plan_enrollments import Enrollments, Pair, left_behind
from services.importing.plan_people import People
from services.importing.plan_teaching import Classes, Programs
from services.user_changes import MOVED, keys

M = TypeVar("M", bound=Model)
ACTION = "importUsers"
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Plans:
    """Everything that is to be written."""

    programs: Programs
    classes: Classes
    people: People
    enrollments: Enrollments


async def write(asking: Asking, plans: Plans) -> None:
    """Write the plans, parents first. Call it in the transaction that read what they were made from."""
    log = _Log()
    programs = await _programs(asking, plans.programs, log)
    classes = await _classes(asking, plans.classes, programs, log)
    people = await _people(asking, plans.people, log)
    await _enrollments(asking, plans.enrollments, classes, people, log)
    await _cancelled(asking, plans.classes)
    await audit.record_all(asking.op, ACTION, log.entries)


class _Log:
    """The audit entries of an import."""

    def __init__(self) -> None:
        self.entries: list[audit.Entry] = []

    def created(self, ref: NativeRef, facility_id: int | None, values: Mapping[str, Any]) -> None:
        after = audit.changes({}, {name: value for name, value in values.items() if name not in _DERIVED})[1]
        self.entries.append(audit.Entry(ref, facility_id, None, after))

    def changed(self, ref: NativeRef, facility_id: int | None, made: Change[Any]) -> None:
        """Call it before the row is given its new values."""
        before, after = audit.changes({name: getattr(made.row, name) for name in made.values}, made.values)
        self.entries.append(audit.Entry(ref, facility_id, before, after))


_DERIVED = ("sort_key", "username_key")


async def _programs(asking: Asking, plan: Programs, log: _Log) -> dict[str, int]:
    for made in plan.changed.values():
        log.changed(NativeProgramRef(made.row.id), None, made)
    await _update(Program, plan.changed.values())
    await Program.bulk_create([Program(**values) for values in plan.new.values()], batch_size=_BATCH)
    ids = {key: row.id for key, row in asking.state.programs.items()}
    for batch in batches(plan.new):
        ids |= dict(await Program.filter(sort_key__in=batch, archived_at=None).values_list("sort_key", "id"))
    for key, values in plan.new.items():
        log.created(NativeProgramRef(ids[key]), None, values)
    return ids


async def _classes(asking: Asking, plan: Classes, programs: Mapping[str, int], log: _Log) -> dict[ClassKey, int]:
    for made in plan.changed.values():
        log.changed(NativeClassRef(made.row.id), made.row.facility_id, made)
    await _update(SchoolClass, plan.changed.values())
    offers = dict.fromkeys((programs[key.program], key.facility_id) for key in plan.new)
    await ProgramFacility.bulk_create(
        [ProgramFacility(program_id=p, facility_id=f) for p, f in offers if (p, f) not in asking.state.offers]
    )
    new = [SchoolClass(**values, program_id=programs[key.program]) for key, values in plan.new.items()]
    await SchoolClass.bulk_create(new, batch_size=_BATCH)
    ids = {key: rows[0].id for key, rows in asking.state.classes.items() if rows}
    names = {id: key for key, id in programs.items()}
    for batch in batches({programs[key.program] for key in plan.new}):
        found = SchoolClass.filter(program_id__in=batch, deleted_at=None)
        for id, program, facility, name in await found.values_list("id", "program_id", "facility_id", "sort_key"):
            if (key := ClassKey(names[program], facility, name)) in plan.new:
                ids[key] = id
    for key, values in plan.new.items():
        log.created(NativeClassRef(ids[key]), key.facility_id, values | {"program_id": programs[key.program]})
    return ids


async def _people(asking: Asking, plan: People, log: _Log) -> dict[str, int]:
    gone = [row.id for row in left_behind(asking, plan)]
    for made in plan.changed.values():
        if "facility_id" in made.values:
            log.entries += audit.moved_away(UserRef(made.row.id), made.row.facility_id)
        log.changed(UserRef(made.row.id), made.values.get("facility_id", made.row.facility_id), made)
        names = {name: getattr(made.row, name) for name in ("username", "first_name", "last_name")}
        made.values.update(keys(names | made.values))
    await _update(User, plan.changed.values())
    for moved in batches(made.row.id for made in plan.changed.values() if "facility_id" in made.values):
        await end_feeds(asking.op, moved)
    await User.bulk_create([User(**values) for values in plan.new.values()], batch_size=_BATCH)
    for left in batches(gone):
        await end_open(asking.op, Enrollment.filter(id__in=left), EnrollmentStatus.TRANSFERRED, MOVED)
    ids = {key: row.id for key, row in asking.state.people.items()}
    for batch in batches(plan.new):
        ids |= dict(await User.filter(username_key__in=batch).values_list("username_key", "id"))
    for key, values in plan.new.items():
        log.created(UserRef(ids[key]), values["facility_id"], values)
    return ids


async def _enrollments(
    asking: Asking, plan: Enrollments, classes: Mapping[ClassKey, int], people: Mapping[str, int], log: _Log
) -> None:
    op = asking.op
    steps = []
    for (key, _), made in plan.changed.items():
        if "status" in made.values:
            steps.append(change(op, made.row.id, made.row.status, made.values["status"]))
        log.changed(NativeEnrollmentRef(made.row.id), key.facility_id, made)
    await _update(Enrollment, plan.changed.values())
    ids = await _create_enrollments(plan, {pair: (classes[pair[0]], people[pair[1]]) for pair in plan.new})
    for pair, values in plan.new.items():
        steps.append(change(op, ids[pair], None, values["status"]))
        log.created(NativeEnrollmentRef(ids[pair]), pair[0].facility_id, values)
    await EnrollmentChange.bulk_create(steps, batch_size=_BATCH)


async def _create_enrollments(plan: Enrollments, parents: Mapping[Pair, tuple[int, int]]) -> dict[Pair, int]:
    """Their numbers, by what names them."""
    new = [
        Enrollment(**values, school_class_id=parents[pair][0], user_id=parents[pair][1])
        for pair, values in plan.new.items()
    ]
    await Enrollment.bulk_create(new, batch_size=_BATCH)
    found: dict[tuple[int, int], int] = {}
    for batch in batches(user for _, user in parents.values()):
        rows = await Enrollment.filter(user_id__in=batch).values_list("school_class_id", "user_id", "id")
        found |= {(school_class, user): id for school_class, user, id in rows}
    return {pair: found[parents[pair]] for pair in plan.new}


async def _cancelled(asking: Asking, plan: Classes) -> None:
    """End what is open in the classes that the file cancels, as `updateClass` does."""
    ids = [c.row.id for c in plan.changed.values() if c.values.get("status") is ClassStatus.CANCELLED]
    for batch in batches(ids):
        of_classes = Enrollment.filter(school_class_id__in=batch)
        await end_open(asking.op, of_classes, EnrollmentStatus.CANCELLED, CANCELLED)


async def _update(model: type[M], changes: Iterable[Change[M]]) -> None:
    """Write the changed fields, those of the same fields in one statement."""
    by_fields: defaultdict[tuple[str, ...], list[M]] = defaultdict(list)
    for made in changes:
        made.row.update_from_dict(made.values)
        by_fields[tuple(sorted(made.values))].append(made.row)
    for fields, rows in by_fields.items():
        await update_all(model, rows, fields)
