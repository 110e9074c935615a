"""What an import did, or would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.sheets import sheet


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row cannot be imported. `line` counts from 1, the header's; `column` is None for the row as a whole."""

    line: int
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Objects of one kind that the rows name, each counted once."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`written`: whether anything was to be changed for good. `rows` are those with anything in them."""

    dry_run: bool
    written: bool
    rows: int
    people: Tally
    programs: Tally
    classes: Tally
    enrollments: Tally
    errors: Sequence[RowError]

    def errors_csv(self) -> str:
        """The errors as a file for a spreadsheet, in which no cell is a formula."""
        return sheet(["line", "column", "message"], [[e.line, e.column or "", e.message] for e in self.errors])
