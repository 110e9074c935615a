"""The columns of an import file: which field of which object a cell is, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from domain.enums import ClassStatus, EnrollmentStatus, Role
from domain.problems import InvalidInput
from services import class_changes, program_changes, text, user_changes


class Noun(StrEnum):
    PERSON = "person"
    PROGRAM = "program"
    CLASS = "class"
    ENROLLMENT = "enrollment"


class Column(NamedTuple):
    """`read` makes a value of a cell; it raises InvalidInput."""

    noun: Noun
    field: str
    read: text.Rule


def _day(cell: str, path: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise InvalidInput("This is a day such as 2026-03-02.", [path]) from error


def _number_by(number: Callable[[str], float], what: str, rule: text.Rule) -> text.Rule:
    def read(cell: str, path: str) -> object:
        try:
            return rule(number(cell), path)
        except ValueError as error:
            raise InvalidInput(f"This is {what}.", [path]) from error

    return read


def _one_of(kind: type[Enum]) -> text.Rule:
    names = ", ".join(kind.__members__)

    def read(cell: str, path: str) -> object:
        found = kind.__members__.get(cell.upper().replace(" ", "_"))
        if found is None:
            raise InvalidInput(f"This is one of {names}.", [path])
        return found

    return read


def _listed(cell: str, path: str) -> list[str]:
    return text.words([part for part in cell.split(";") if part.strip()], path)


def _columns(noun: Noun, rules: dict[str, text.Rule], **names: str) -> dict[str, Column]:
    return {column: Column(noun, field, rules[field]) for column, field in names.items()}


PEOPLE = {**user_changes.RULES, "role": _one_of(Role), "facility": text.name}
PROGRAMS = {**program_changes.RULES, "types": _listed, "credit_types": _listed}
CLASSES = {
    **class_changes.RULES,
    "facility": text.name,
    "status": _one_of(ClassStatus),
    "start_date": _day,
    "end_date": _day,
    "capacity": _number_by(int, "a whole number", class_changes.RULES["capacity"]),
    "credit_hours": _number_by(float, "a number such as 1.5", class_changes.RULES["credit_hours"]),
    "instructors": _listed,
}
ENROLLMENTS: dict[str, text.Rule] = {"status": _one_of(EnrollmentStatus), "enrolled_on": _day, "ended_on": _day}

COLUMNS: dict[str, Column] = {
    **_columns(
        Noun.PERSON,
        PEOPLE,
        username="username",
        first_name="first_name",
        last_name="last_name",
        email="email",
        doc_id="doc_id",
        role="role",
        facility="facility",
    ),
    **_columns(
        Noun.PROGRAM,
        PROGRAMS,
        program="name",
        program_description="description",
        program_types="types",
        credit_types="credit_types",
        funding_type="funding_type",
    ),
    **_columns(
        Noun.CLASS,
        CLASSES,
        **{"class": "name"},
        class_facility="facility",
        class_description="description",
        class_status="status",
        start_date="start_date",
        end_date="end_date",
        capacity="capacity",
        credit_hours="credit_hours",
        instructors="instructors",
    ),
    **_columns(
        Noun.ENROLLMENT, ENROLLMENTS, enrollment_status="status", enrolled_on="enrolled_on", ended_on="ended_on"
    ),
}
NAMES = {Noun.PERSON: "username", Noun.PROGRAM: "program", Noun.CLASS: "class"}
"""The column that names each object. Without it the row has none, and no other column of its may be filled."""


def column_of(noun: Noun, field: str) -> str:
    """The column that a field stands in."""
    return next(name for name, column in COLUMNS.items() if (column.noun, column.field) == (noun, field))


Values = dict[str, Any]
