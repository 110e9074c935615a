"""From lines to the objects that they name: what all lines of a file together say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.names import fold
from domain.problems import Problem
from services.importing.columns import COLUMNS, NAMES, Noun, Values, column_of
from services.importing.lines import Line
from services.importing.report import RowError


class ClassKey(NamedTuple):
    """Which class a line means: folded names and the number of the facility."""

    program: str
    facility_id: int
    name: str


class Refusal(NamedTuple):
    """An error, and every line that cannot be imported because of it."""

    error: RowError
    lines: tuple[int, ...]


@dataclass(slots=True)
class Wanted:
    """What the lines say of one object. `told`: which line said each field first."""

    lines: list[int] = field(default_factory=list)
    values: Values = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)

    def refuse(self, column: str | None, message: str, said: str | None = None) -> Refusal:
        """An error of this object, at the line that said the field where one did."""
        return Refusal(RowError(self.told.get(said or "", self.lines[0]), column, message), tuple(self.lines))


@dataclass(slots=True)
class Gathered:
    """The objects of a file by what names them: folded names, casefolded user names."""

    people: dict[str, Wanted] = field(default_factory=dict)
    programs: dict[str, Wanted] = field(default_factory=dict)
    classes: dict[ClassKey, Wanted] = field(default_factory=dict)
    enrollments: dict[tuple[ClassKey, str], Wanted] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


class _Row:
    """One line being read."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.errors: list[RowError] = []
        self.of: dict[Noun, Values] = {noun: {} for noun in Noun}
        for name, cell in line.cells.items():
            column = COLUMNS[name]
            try:
                self.of[column.noun][column.field] = column.read(cell, name)
            except Problem as problem:
                self.say(name, problem.message)

    def say(self, column: str | None, message: str) -> None:
        self.errors.append(RowError(self.line.number, column, message))


def gather(lines: Iterable[Line], facilities: Mapping[str, int], own_facility: int | None) -> Gathered:
    """Read every cell and put together what belongs together.

    Shape: a line with any error contributes nothing but its errors.
    """
    found = Gathered()
    for line in lines:
        row = _Row(line)
        key = _check(row, facilities, own_facility)
        if not row.errors:
            _add(found, row, key)
        found.refusals += [Refusal(error, (line.number,)) for error in row.errors]
    return found


def _check(row: _Row, facilities: Mapping[str, int], own_facility: int | None) -> ClassKey | None:
    """The class that the line names; errors for cells that belong to an object it does not name."""
    cells = row.line.cells
    for noun, column in NAMES.items():
        loose = [name for name in cells if COLUMNS[name].noun is noun]
        if loose and column not in cells and not (loose == ["facility"] and "class" in cells):
            row.say(loose[0], f"This needs the column {column} to be filled too.")
    if row.of[Noun.ENROLLMENT] and not {"username", "class"} <= cells.keys():
        row.say(None, "An enrolment needs a username and a class.")
    for noun in (Noun.PERSON, Noun.CLASS):
        _find_facility(row, noun, facilities)
    return _class_key(row, own_facility) if "class" in cells and not row.errors else None


def _find_facility(row: _Row, noun: Noun, facilities: Mapping[str, int]) -> None:
    name = row.of[noun].pop("facility", None)
    if name is not None and (id := facilities.get(fold(name))) is not None:
        row.of[noun]["facility_id"] = id
    elif name is not None:
        row.say(column_of(noun, "facility"), "There is no such facility.")


def _class_key(row: _Row, own_facility: int | None) -> ClassKey | None:
    school_class = row.of[Noun.CLASS]
    here = school_class.pop("facility_id", row.of[Noun.PERSON].get("facility_id", own_facility))
    if "program" not in row.line.cells:
        row.say("program", "A class needs its program in the same row.")
    if here is None:
        row.say("class_facility", "A class needs a facility, in this column or in the column facility.")
    if row.errors:
        return None
    return ClassKey(fold(row.of[Noun.PROGRAM]["name"]), here, fold(school_class["name"]))


def _add(found: Gathered, row: _Row, key: ClassKey | None) -> None:
    cells, person = row.line.cells, row.of[Noun.PERSON]
    username = person["username"].casefold() if "username" in cells else None
    if username is not None:
        _tell(found, found.people.setdefault(username, Wanted()), row, Noun.PERSON)
    if "program" in cells:
        program = found.programs.setdefault(fold(row.of[Noun.PROGRAM]["name"]), Wanted())
        _tell(found, program, row, Noun.PROGRAM)
    if key is not None:
        _tell(found, found.classes.setdefault(key, Wanted()), row, Noun.CLASS)
        if username is not None:
            _tell(found, found.enrollments.setdefault((key, username), Wanted()), row, Noun.ENROLLMENT)


def _tell(found: Gathered, wanted: Wanted, row: _Row, noun: Noun) -> None:
    number = row.line.number
    wanted.lines.append(number)
    for name, value in row.of[noun].items():
        earlier = wanted.told.setdefault(name, number)
        before = wanted.values.setdefault(name, value)
        if before != value and name not in ("username", "name"):
            column = column_of(noun, "facility" if name == "facility_id" else name)
            error = RowError(number, column, f"Line {earlier} says something else of the same {noun.value}.")
            found.refusals.append(Refusal(error, (number,)))
