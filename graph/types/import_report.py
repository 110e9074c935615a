from __future__ import annotations

import strawberry

from services.importing import report


@strawberry.type(description="Objects of one kind that the rows name, each counted once.")
class ImportTally:
    created: int = strawberry.field(description="New ones.")
    updated: int = strawberry.field(description="Those that changed.")
    unchanged: int = strawberry.field(description="Those that were already as the rows want them.")

    @classmethod
    def of(cls, row: report.Tally) -> ImportTally:
        return cls(created=row.created, updated=row.updated, unchanged=row.unchanged)


@strawberry.type(description="Why a row cannot be imported.")
class ImportRowError:
    line: int = strawberry.field(description="Where the row starts: in a file the header is line 1.")
    column: str | None = strawberry.field(description="The column at fault; null for the row as a whole.")
    message: str = strawberry.field(description="A sentence to show.")


@strawberry.type(description="What an import did or, as a dry run, would do.")
class ImportReport:
    dry_run: bool = strawberry.field(description="Whether it was asked to write nothing.")
    written: bool = strawberry.field(description="Whether the changes below have been made.")
    rows: int = strawberry.field(description="Rows with anything in them.")
    people: ImportTally = strawberry.field(description="People.")
    programs: ImportTally = strawberry.field(description="Programs.")
    classes: ImportTally = strawberry.field(description="Classes.")
    enrollments: ImportTally = strawberry.field(description="Enrolments named by a row.")
    row_errors: list[ImportRowError] = strawberry.field(description="Every row error, by line.")
    row_errors_csv: str = strawberry.field(description="The same as a file for a spreadsheet; no cell is a formula.")

    @classmethod
    def of(cls, row: report.ImportReport) -> ImportReport:
        return cls(
            dry_run=row.dry_run,
            written=row.written,
            rows=row.rows,
            people=ImportTally.of(row.people),
            programs=ImportTally.of(row.programs),
            classes=ImportTally.of(row.classes),
            enrollments=ImportTally.of(row.enrollments),
            row_errors=[ImportRowError(line=e.line, column=e.column, message=e.message) for e in row.errors],
            row_errors_csv=row.errors_csv(),
        )
