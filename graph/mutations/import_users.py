from __future__ import annotations

from typing import Annotated

import strawberry

from domain import problems
from graph.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, UpstreamUnavailableError
from graph.info import Info
from graph.mutations.field import INPUT, errors, idempotency_key, mutation
from graph.types.import_report import ImportReport
from services import imports
from services.importing.lines import Line

ImportUsersError = Annotated[
    NotFoundError | NotAllowedError | InvalidInputError | UpstreamUnavailableError | ConflictError,
    strawberry.union("ImportUsersError", description="Why nothing was imported."),
]


@strawberry.input(
    description="One person, and the class they are in where one is named. Names are found as in the file."
)
class ImportPersonInput:
    username: str = strawberry.field(description="Who: the name they sign in with.")
    first_name: str | None = strawberry.field(default=None, description="Given name or names; needed for a new person.")
    last_name: str | None = strawberry.field(default=None, description="Family name or names.")
    email: str | None = strawberry.field(default=None, description="Their address.")
    doc_id: str | None = strawberry.field(default=None, description="The organisation's own number for the person.")
    role: str | None = strawberry.field(default=None, description="Of a new person; STUDENT when left out.")
    facility: str | None = strawberry.field(
        default=None, description="The name of their facility; a facility admin's own one when left out."
    )
    program: str | None = strawberry.field(default=None, description="The name of the program of `class`.")
    school_class: str | None = strawberry.field(
        name="class", default=None, description="The name of a class at that facility; they are enrolled in it."
    )


@strawberry.input(description="What to import: either `csv` or `people`.")
class ImportUsersInput:
    csv: str | None = strawberry.field(
        default=None,
        description="The text of a CSV file, as docs/import.md describes it; its first row names the columns.",
    )
    people: list[ImportPersonInput] | None = strawberry.field(
        default=None, description="The same as rows. Left out and empty: stays as it is. Lines are counted from 1."
    )
    dry_run: bool = strawberry.field(default=False, description="Tell what would happen, and write nothing.")
    partial: bool = strawberry.field(
        default=False, description="Leave out rows with errors; otherwise one such row keeps all from being written."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The outcome of `importUsers`.")
class ImportUsersPayload:
    report: ImportReport | None = strawberry.field(
        default=None,
        description="What happened, or with `dryRun` would happen; also where rows kept it from happening.",
    )
    errors: list[ImportUsersError] = errors()


@mutation(
    ImportUsersPayload,
    "Import people, and the programs, classes and enrolments beside them. Repeating it changes nothing more. Facility admins: "
    "their own students, into classes of their own facility. Larger files than a request may hold: `homeroom import FILE.csv`.",
    rows=("csv", "people"),
)
async def import_users(info: Info, input: Annotated[ImportUsersInput, INPUT]) -> ImportUsersPayload | None:
    if (input.csv is None) == (input.people is None):
        raise problems.InvalidInput("Give either csv or people.", ["csv"])
    op, dry_run, partial = info.context.op, input.dry_run, input.partial
    if input.csv is not None:
        report = await imports.import_file(op, input.csv, dry_run=dry_run, partial=partial)
    else:
        report = await imports.import_lines(op, _lines(input.people or []), dry_run=dry_run, partial=partial)
    return ImportUsersPayload(report=ImportReport.of(report), errors=_why_nothing(report))


def _lines(people: list[ImportPersonInput]) -> list[Line]:
    return [Line(number, _cells(person)) for number, person in enumerate(people, 1)]


def _cells(person: ImportPersonInput) -> dict[str, str]:
    """The row of a file that says the same."""
    given = {"class" if name == "school_class" else name: value for name, value in vars(person).items()}
    return {name: value.strip() for name, value in given.items() if value and value.strip()}


def _why_nothing(report: imports.ImportReport) -> list[ImportUsersError]:
    if report.written or report.dry_run or not report.errors:
        return []
    lines = len({error.line for error in report.errors})
    return [InvalidInputError(message=f"Nothing was imported: {lines} rows have errors. See the report.")]
