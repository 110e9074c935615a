"""Importing people, programs, classes and enrolments from one file: all of it, or nothing unless asked otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from db.queries.facilities import facilities
from domain.enums import Role
from domain.problems import Conflict
from services.access import require_role
from services.importing.gathering import Refusal, gather
from services.importing.lines import Line, decoded, read_lines
from services.importing.plan import Asking
from services.importing.plan_enrollments import plan_enrollments
from services.importing.plan_people import plan_people
from services.importing.plan_teaching import plan_classes, plan_programs
from services.importing.report import ImportReport, RowError
from services.importing.state import State, load_state
from services.importing.write import Plans, write
from services.operation import Operation
from services.writing import writing

__all__ = ["ImportReport", "Line", "RowError", "import_file", "import_lines"]

_BUSY = Conflict("Somebody else is changing the same people or classes. Import again.")


async def import_file(op: Operation, source: str | Path, *, dry_run: bool, partial: bool = False) -> ImportReport:
    """Import CSV text, or the file of a path (UTF-8). docs/import.md describes the columns.

    Shape:  what was created, updated and found as the file wants it, and every row that cannot be imported, with line,
            column and reason. With any such row nothing is written, unless `partial` leaves those rows out.
    Quirk:  running it again changes nothing more; `dry_run` does everything but write.
    Errors: NotAllowed for students; InvalidInput for a file that is not UTF-8; OSError for one that cannot be read;
            Conflict when somebody else writes the same at the same time.
    """
    text = source if isinstance(source, str) else decoded(await asyncio.to_thread(source.read_bytes))
    lines, errors = read_lines(text)
    return await import_lines(op, lines, dry_run=dry_run, partial=partial, unread=errors)


async def import_lines(
    op: Operation, lines: Sequence[Line], *, dry_run: bool, partial: bool = False, unread: Sequence[RowError] = ()
) -> ImportReport:
    """The same of rows already read; `unread` are the errors met while reading them."""
    require_role(op.scope, Role.FACILITY_ADMIN, "import people")
    async with writing(op, user_username=_BUSY, user_doc_id=_BUSY, program_live_name=_BUSY, enrollment_live=_BUSY):
        known = {row.sort_key: row.id for row in await facilities(op.scope)}
        wanted = gather(lines, known, op.scope.facility_id)
        state = await load_state(op.scope, wanted, by_email=op.engine.subject == "email")
        asking, plans, refusals = _planned(op, state, known, lines, partial=partial)
        errors = sorted({*unread, *(refusal.error for refusal in refusals)}, key=lambda e: (e.line, e.column or ""))
        written = not dry_run and (partial or not errors)
        if written:
            await write(asking, plans)
    rows = {*(line.number for line in lines), *(error.line for error in unread)}
    tallies = (plans.people.tally, plans.programs.tally, plans.classes.tally, plans.enrollments.tally)
    return ImportReport(dry_run, written, len(rows), *tallies, errors)


def _planned(
    op: Operation, state: State, facilities: Mapping[str, int], lines: Sequence[Line], *, partial: bool
) -> tuple[Asking, Plans, list[Refusal]]:
    """What is to be written, and what is refused. Partial: without the refused rows, and what others need of them."""
    refused: list[Refusal] = []
    while True:
        left_out = {number for refusal in refused for number in refusal.lines} if partial else set()
        kept = [line for line in lines if line.number not in left_out]
        asking = Asking(op, gather(kept, facilities, op.scope.facility_id), state)
        plans = _plan(asking)
        new = [*asking.found.refusals, *asking.refusals]
        refused += new
        if not (partial and new):
            return asking, plans, refused


def _plan(asking: Asking) -> Plans:
    programs = plan_programs(asking)
    classes = plan_classes(asking, programs)
    people = plan_people(asking)
    return Plans(programs, classes, people, plan_enrollments(asking, people, classes))
