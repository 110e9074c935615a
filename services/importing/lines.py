"""Reading CSV text into lines of named cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.problems import InvalidInput
from services.importing.columns import COLUMNS, NAMES
from services.importing.report import RowError

_LONGEST_CELL = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """The filled cells of one row, by column. `number` is where it starts in the file."""

    number: int
    cells: Mapping[str, str]


def decoded(content: bytes) -> str:
    """The text of a file, with or without a byte order mark. Errors: InvalidInput for anything but UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("This file is not UTF-8: save it as “CSV UTF-8”.", ["csv"]) from error


def read_lines(content: str) -> tuple[list[Line], list[RowError]]:
    """The rows of CSV text, separated by commas, semicolons or tabs as its header is.

    Shape:  rows without a filled cell are left out; a header that cannot be used: no rows and the reasons.
    """
    text = content.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    errors: list[RowError] = []
    rows = _rows(reader, errors)
    _, cells = next(rows, (1, []))
    columns = ["_".join(cell.casefold().replace("-", " ").split()) for cell in cells]
    errors += _header_errors(columns)
    if errors:
        return [], errors
    return list(_lines(rows, columns, errors)), errors


def _rows(reader: Iterator[list[str]], errors: list[RowError]) -> Iterator[tuple[int, list[str]]]:
    """The rows with the lines they start in; one that is not CSV ends them."""
    while True:
        start = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            row = next(reader, None)
        except csv.Error:
            errors.append(RowError(start, None, "This is not CSV from here on: look for a quotation mark too many."))
            return
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield start, row


def _lines(rows: Iterator[tuple[int, list[str]]], columns: Sequence[str], errors: list[RowError]) -> Iterator[Line]:
    for number, row in rows:
        filled = {column: cell.strip() for column, cell in zip(columns, row, strict=False) if cell.strip()}
        if any(cell.strip() for cell in row[len(columns) :]):
            errors.append(RowError(number, None, "This row has more cells than the header."))
        elif any(len(cell) > _LONGEST_CELL for cell in filled.values()):
            errors.append(RowError(number, None, "This row has a cell that is far too long."))
        else:
            yield Line(number, filled)


def _header_errors(columns: Sequence[str]) -> list[RowError]:
    if not set(columns) & set(NAMES.values()):
        return [RowError(1, None, "The first row names the columns: username, program or class at least.")]
    unknown = [RowError(1, name, "There is no such column.") for name in columns if name and name not in COLUMNS]
    twice = [name for name in dict.fromkeys(columns) if name and columns.count(name) > 1]
    return unknown + [RowError(1, name, "This column is there twice.") for name in twice]
