"""`sync`: Canvas groups in as teams, memberships planned and pushed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from commands.files import OutputFile
from commands.running import fail, operation
from domain.runs import SyncRun
from services.operation import Operation
from services.teams.command import Line, Mode, provider_of, sync_command
from services.teams.history import Past, issues_table, past_runs
from services.teams.pull import Options
from settings import settings

COUNTS = ("created", "updated", "removed", "unchanged", "skipped")
COLUMNS = ("class", "state", *COUNTS, "message")
PAST = ("run", "asked for", "by", "what", "state", *COUNTS, "issues")


def sync(
    *,
    provider: str,
    class_: str | None = None,
    plan: bool = False,
    push: bool = False,
    remove_stale: bool = False,
    create_missing: bool = False,
    student_organized: bool = False,
    override: str | None = None,
    issues: OutputFile | None = None,
    runs: int | None = None,
    run: int | None = None,
) -> None:
    """Pull the groups of a Canvas as teams; with --plan say what a push would change there, with --push change it.

    Example: homeroom sync --provider "State College" --class "Intro to Welding" --plan
    Example: homeroom sync --provider "State College" --runs 10
    Example: homeroom sync --provider "State College" --run 42 --issues issues.csv

    Args:
        provider: The name of the Canvas.
        class_: One class, by its name or Canvas id; without it, all.
        plan: Say what a push would change, and change nothing.
        push: Write our memberships into Canvas.
        remove_stale: Also remove teams whose groups are gone from Canvas.
        create_missing: Also add people for group members who are linked to nobody.
        student_organized: Also take over groups that students made themselves.
        override: A reason, which lets more removals through than the brake allows.
        issues: Write what went wrong into this file, for a spreadsheet.
        runs: Do nothing but list the last so many runs.
        run: Do nothing but write what went wrong in that run, as --runs numbers it, with --issues.
    """
    if plan and push:
        fail("choose --plan or --push, not both.")
    if run is not None and issues is None:
        fail("say with --issues which file the issues go to.")
    if runs is not None or run is not None:
        asyncio.run(_look_back(provider, runs, run, issues))
        return
    mode: Mode = "push" if push else "plan" if plan else "pull"
    options = Options(
        remove_stale=remove_stale, create_missing=create_missing, student_organized=student_organized, override=override
    )
    lines = asyncio.run(_sync(provider, class_, mode, options, issues))
    _tell(lines)
    if any(line.failed for line in lines):
        raise SystemExit(1)


async def _sync(provider: str, class_: str | None, mode: Mode, options: Options, issues: Path | None) -> list[Line]:
    async with operation(settings()) as op:
        with Progress(transient=True) as progress:
            lines = await sync_command(op, provider, class_, mode, options, _Bars(progress))
        if issues is not None:
            await _write(op, [line.run_id for line in lines if line.run_id is not None], issues)
    return lines


async def _look_back(provider: str, most: int | None, run: int | None, issues: Path | None) -> None:
    async with operation(settings()) as op:
        number, _ = await provider_of(provider)
        if run is not None and issues is not None:
            await _write(op, [run], issues)
        if most is not None:
            _tell_past(await past_runs(op, number, most))


async def _write(op: Operation, runs: list[int], issues: Path) -> None:
    table = await issues_table(op, runs)
    issues.write_text(table, encoding="utf-8", newline="")  # noqa: ASYNC240  nothing else runs in this process


def _tell_past(found: list[Past]) -> None:
    table = Table(*PAST)
    for one in found:
        row = one.run
        numbers = (row.created, row.updated, row.removed, row.unchanged, row.skipped, one.issues)
        when = row.created_at.isoformat(" ", "minutes")
        table.add_row(str(row.id), when, one.by, row.kind, row.state, *map(str, numbers))
    Console(file=sys.stdout).print(table)


def _tell(lines: list[Line]) -> None:
    table = Table(*COLUMNS)
    for line in lines:
        numbers = (line.created, line.updated, line.removed, line.unchanged, line.skipped)
        table.add_row(line.name, line.state, *map(str, numbers), line.message or "")
    Console(file=sys.stdout).print(table)


class _Bars:
    """One bar per run, as the services' progress callback."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, run: SyncRun) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name)
        label = f"{name}: {run.step}" if run.step else name
        self._progress.update(self._tasks[name], description=label, completed=run.current, total=run.total)
