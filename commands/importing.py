"""`import`: people, programs, classes and enrolments from a file."""

from __future__ import annotations

import asyncio
import sys

from commands.files import InputFile, OutputFile
from commands.running import fail, operation
from services.importing.report import ImportReport
from services.imports import import_file
from settings import settings


def import_(file: InputFile, *, dry_run: bool = False, partial: bool = False, errors: OutputFile | None = None) -> None:
    """Import a CSV file; docs/import.md describes its columns. With any wrong row nothing is written, unless --partial.

    Safe to repeat: what is there already stays.

    Example: homeroom import people.csv --dry-run

    Args:
        file: The CSV file.
        dry_run: Say what it would do, and do nothing.
        partial: Import the right rows although others are wrong.
        errors: Write the wrong rows into this file, for a spreadsheet.
    """

    async def run() -> ImportReport:
        async with operation(settings()) as op:
            try:
                return await import_file(op, file, dry_run=dry_run, partial=partial)
            except OSError as error:
                fail(f"{file} cannot be read: {error.strerror}")

    report = asyncio.run(run())
    if errors is not None:
        errors.write_text(report.errors_csv(), encoding="utf-8")
    sys.stdout.write(_told(report))
    if report.errors:
        raise SystemExit(1)


def _told(report: ImportReport) -> str:
    kinds = {
        "people": report.people,
        "programs": report.programs,
        "classes": report.classes,
        "enrolments": report.enrollments,
    }
    lines = [f"{report.rows} rows"]
    lines += [
        f"  {kind:<11}{tally.created} created, {tally.updated} updated, {tally.unchanged} unchanged"
        for kind, tally in kinds.items()
    ]
    lines += [f"  line {error.line}, {error.column or 'row'}: {error.message}" for error in report.errors[:20]]
    if len(report.errors) > 20:
        lines.append(f"  … and {len(report.errors) - 20} more wrong rows; see them all with --errors FILE")
    lines.append("Nothing was written." if not report.written else "Written.")
    return "\n".join(lines) + "\n"
