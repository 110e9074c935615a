"""A match report as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from db.queries import users
from domain import rows
from services.match_lines import Line
from services.match_reports import View
from services.operation import Operation
from services.sheets import sheet

HEADER = (
    "grade",
    "canvas_user_id",
    "canvas_name",
    "canvas_login",
    "username",
    "name",
    "score",
    "evidence",
    "runner_ups",
)


async def write_csv(op: Operation, view: View, out: TextIO) -> None:
    """One row per Canvas person, in the order of the report. Open `out` with `newline=""`."""
    wanted = {line.proposal.user_id for line in view.lines}
    wanted |= {other.user_id for line in view.lines for other in line.proposal.runner_ups}
    people = {row.id: row for row in await users.users_by_ids(op.scope, [id for id in wanted if id is not None])}
    out.write(sheet(HEADER, (_row(line, people) for line in view.lines)))


def _row(line: Line, people: Mapping[int, rows.User]) -> list[str]:
    person, found = line.account.person, line.proposal
    ours = people.get(found.user_id) if found.user_id is not None else None
    near = (
        f"{people[other.user_id].username} {other.score:.3f}" for other in found.runner_ups if other.user_id in people
    )
    return [
        found.grade.value,
        person.id,
        person.name or "",
        person.login_id or "",
        ours.username if ours else "",
        ours.full_name if ours else "",
        f"{found.score:.3f}",
        " ".join(reason.code for reason in found.evidence),
        ", ".join(near),
    ]
