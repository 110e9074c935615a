"""A match report as a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import TextIO

from db.queries import users
from domain import rows
from services.match_lines import Line
from services.match_reports import View
from services.operation import Operation

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
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


async def write_csv(op: Operation, view: View, out: TextIO) -> None:
    """One row per Canvas person, in the order of the report. Open `out` with `newline=""`."""
    wanted = {line.proposal.user_id for line in view.lines}
    wanted |= {other.user_id for line in view.lines for other in line.proposal.runner_ups}
    people = {row.id: row for row in await users.users_by_ids(op.scope, [id for id in wanted if id is not None])}
    table = csv.writer(out)
    table.writerow(HEADER)
    table.writerows(_rows(view, people))


def cell(text: str | None) -> str:
    """A text that no spreadsheet takes for a formula, wherever it came from."""
    value = text or ""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def _rows(view: View, people: Mapping[int, rows.User]) -> Iterator[list[str]]:
    for line in view.lines:
        yield [cell(text) for text in _row(line, people)]


def _row(line: Line, people: Mapping[int, rows.User]) -> list[str | None]:
    person, found = line.account.person, line.proposal
    ours = people.get(found.user_id) if found.user_id is not None else None
    near = (
        f"{people[other.user_id].username} {other.score:.3f}" for other in found.runner_ups if other.user_id in people
    )
    return [
        found.grade.value,
        person.id,
        person.name,
        person.login_id,
        ours.username if ours else None,
        ours.full_name if ours else None,
        f"{found.score:.3f}",
        " ".join(reason.code for reason in found.evidence),
        ", ".join(near),
    ]
