"""`match`: who is who in a Canvas, and linking those that are certain."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from rich.progress import Progress, TaskID

from commands.files import OutputFile
from commands.running import operation
from domain.enums import MatchGrade, MatchPolicy
from services import match_command
from services.match_export import write_csv
from services.match_linking import Outcome
from services.match_reports import View
from services.operation import Operation
from settings import settings

TOLD = {
    MatchGrade.AUTO_CONFIRMED: "certain",
    MatchGrade.AMBIGUOUS: "to review",
    MatchGrade.UNMATCHED: "unmatched",
}


def match(
    *,
    provider: str,
    facility: str | None = None,
    policy: MatchPolicy | None = None,
    csv: OutputFile | None = None,
    apply_auto: bool = False,
) -> None:
    """Match the students of a Canvas with the organisation's people who are not linked yet, and say how many are certain.

    Example: homeroom match --provider "State College" --facility "Cedar Ridge" --csv report.csv

    Args:
        provider: The name of the Canvas.
        facility: Only people of this facility, by name; without it, of all.
        policy: How careful to be; without it, as was chosen for this Canvas.
        csv: Write the whole report into this file, for a spreadsheet.
        apply_auto: Link the certain ones, after saying who they are.
    """
    asyncio.run(_match(provider, facility, policy, csv, apply_auto=apply_auto))


async def _match(
    provider: str, facility: str | None, policy: MatchPolicy | None, file: Path | None, *, apply_auto: bool
) -> None:
    async with operation(settings()) as op:
        key = await match_command.find(op, provider, facility, policy)
        with Progress(transient=True) as bar:
            view = await match_command.work_out(op, key, _Bar(bar, "Comparing names"))
        sys.stderr.write("".join(f"{line}\n" for line in match_command.reservations(view)))
        counts = match_command.counts(view)
        sys.stdout.write("".join(f"{TOLD[grade]:<11}{count}\n" for grade, count in counts.items()))
        if file is not None:
            await _write(op, view, file)
        if apply_auto:
            sys.stdout.write("".join(f"Linking: {line}\n" for line in await match_command.planned(op, view)))
            with Progress(transient=True) as bar:
                outcomes = await match_command.apply_auto(op, view, _Bar(bar, "Linking"))
            _tell(outcomes)


async def _write(op: Operation, view: View, file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        await write_csv(op, view, out)
    sys.stdout.write(f"The report is in {file}\n")


def _tell(outcomes: list[Outcome]) -> None:
    failed = [outcome for outcome in outcomes if outcome.problem is not None]
    sys.stdout.write(f"{len(outcomes) - len(failed)} linked, {len(failed)} not\n")
    for outcome in failed:
        sys.stdout.write(
            f"  Canvas account {outcome.canvas_user_id}: {outcome.problem.message if outcome.problem else ''}\n"
        )
    if failed:
        raise SystemExit(1)


class _Bar:
    """A progress bar as the services' progress callback."""

    def __init__(self, progress: Progress, label: str) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task(label, total=None)

    async def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)
