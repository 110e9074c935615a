"""`prune` and `ledger`: records that have been kept long enough, and those that a student may ask for."""

from __future__ import annotations

import asyncio
import csv
import sys
from dataclasses import asdict
from datetime import timedelta

from commands.running import fail, operation
from db.models import User
from db.queries.ledger import access_page
from db.queries.users import users_by_ids
from domain.scope import SYSTEM
from services.retention import Pruned, Retention
from services.retention import prune as delete_old
from settings import Settings, settings

COLUMNS = ("hour", "student", "viewer", "viewer role", "operation", "document")
_PAGE = 1_000


def prune(*, dry_run: bool = False) -> None:
    """Delete what is old enough: audit and ledger entries, kept answers, runs, plans, what matching kept, Canvas facts.

    Example: homeroom prune --dry-run

    Args:
        dry_run: Count what would be deleted, and delete nothing.
    """
    found = asyncio.run(_prune(settings(), dry=dry_run))
    verb = "would be deleted" if dry_run else "deleted"
    sys.stdout.writelines(f"{count:>9} {name.replace('_', ' ')} {verb}\n" for name, count in asdict(found).items())


async def _prune(chosen: Settings, *, dry: bool) -> Pruned:
    keep = Retention(
        records=timedelta(days=chosen.keep_audit_days),
        runs=timedelta(days=chosen.keep_runs_days),
        facts=timedelta(seconds=chosen.fresh_seconds + chosen.stale_seconds),
    )
    async with operation(chosen) as op:
        return await delete_old(op, keep, dry=dry)


def ledger(*, username: str) -> None:
    """Print, as CSV, who was shown a student's data.

    Example: homeroom ledger --username jdoe > ledger.csv

    Args:
        username: The student.
    """
    asyncio.run(_ledger(settings(), username))


async def _ledger(chosen: Settings, username: str) -> None:
    async with operation(chosen):
        student = await User.get_or_none(username_key=username.casefold())
        if student is None:
            fail(f"there is nobody called {username}.")
        out = csv.writer(sys.stdout)
        out.writerow(COLUMNS)
        before: int | None = None
        while page := await access_page(student.id, _PAGE, before):
            viewers = {row.id: row for row in await users_by_ids(SYSTEM, {entry.viewer_id for entry in page})}
            for entry in page:
                who = viewers[entry.viewer_id]
                texts = (student.username, who.username, who.role.name, entry.operation, entry.document)
                out.writerow([entry.hour.isoformat(), *map(plain, texts)])
            before = page[-1].id


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
