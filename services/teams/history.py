"""What `homeroom sync` tells of runs that have been: a list, and what went wrong as a table for a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from db.models import SyncIssue, Team, User
from db.models import SyncRun as Record
from db.queries import runs as queries
from domain.problems import NotFound
from domain.runs import SyncRun
from services.operation import Operation
from services.runs import runs_by_ids
from services.sheets import sheet

COLUMNS = ("run", "time", "code", "message", "team", "course", "canvas_user_id")
SCHEDULE = "the schedule"
COMMAND = "the command line"


@dataclass(frozen=True, slots=True)
class Past:
    """One run of a provider; `by` is who asked for it, `issues` how many there were."""

    run: SyncRun
    by: str
    issues: int


async def past_runs(op: Operation, provider_id: int, most: int) -> list[Past]:
    """The last runs about a provider and its classes, newest first.

    Source: four queries, however many there are.
    """
    newest = Record.filter(provider_id=provider_id).order_by("-id").limit(most)
    nights = dict(await newest.values_list("id", "scheduled_for"))
    found = [run for run in await runs_by_ids(op.loaders, list(nights)) if run]
    noted = SyncIssue.filter(run_id__in=[run.id for run in found])
    issues = Counter([id for (id,) in await noted.values_list("run_id")])
    people = {run.requested_by_id for run in found if run.requested_by_id is not None}
    names = dict(await User.filter(id__in=list(people)).values_list("id", "username"))
    asked = {run.id: names.get(run.requested_by_id or 0) or (SCHEDULE if nights[run.id] else COMMAND) for run in found}
    return [Past(run, asked[run.id], issues[run.id]) for run in found]


async def issues_table(op: Operation, run_ids: Sequence[int]) -> str:
    """The issues of runs as one CSV.

    Errors: NotFound for a run that there is not.
    """
    if None in await runs_by_ids(op.loaders, run_ids):
        raise NotFound("There is no such run.")
    found = await queries.issues_of_runs(run_ids)
    names = dict(await Team.filter(id__in=[row.team_id for row in found if row.team_id]).values_list("id", "name"))
    rows = (
        (
            row.run_id,
            row.at.isoformat(),
            row.code,
            row.message,
            names.get(row.team_id or 0, ""),
            row.course_id or "",
            row.canvas_user_id or "",
        )
        for row in found
    )
    return sheet(COLUMNS, rows)
