"""`sync`: Canvas groups in as teams, memberships planned and pushed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from commands.running import fail, operation
from domain.runs import SyncRun
from services.teams.command import Line, Mode, issues_table, sync_command
from services.teams.pull import Options
from settings import settings

COLUMNS = ("class", "state", "created", "updated", "removed", "unchanged", "skipped", "")


def sync(
    *,
    provider: str,
    class_: str | None = None,
    plan: bool = False,
    push: bool = False,
    remove_stale: bool = False,
    create_missing: bool = False,
    override: str | None = None,
    issues: Path | None = None,
) -> None:
    """Pull the groups of a Canvas as teams; with --plan say what a push would change there, with --push change it.

    --class names one class, by its name or Canvas id. --override REASON lets more removals through than the brake allows.
    --issues FILE writes what went wrong for a spreadsheet.

    Example: homeroom sync --provider "State College" --class "Intro to Welding" --plan
    """
    if plan and push:
        fail("choose --plan or --push, not both.")
    mode: Mode = "push" if push else "plan" if plan else "pull"
    options = Options(remove_stale=remove_stale, create_missing=create_missing, override=override)
    lines = asyncio.run(_sync(provider, class_, mode, options, issues))
    _tell(lines)
    if any(line.failed for line in lines):
        raise SystemExit(1)


async def _sync(provider: str, class_: str | None, mode: Mode, options: Options, issues: Path | None) -> list[Line]:
    async with operation(settings()) as op:
        with Progress(transient=True) as progress:
            lines = await sync_command(op, provider, class_, mode, options, _Bars(progress))
        if issues is not None:
            tables = [await issues_table(op, line.run_id) for line in lines if line.run_id is not None]
            issues.write_text("".join(tables), encoding="utf-8")  # noqa: ASYNC240  nothing else runs in this process
    return lines


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
