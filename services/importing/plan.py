"""What an import would write: the objects that are new, the fields that change, and what is refused and why."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tortoise.models import Model

from domain.problems import Problem
from services.importing.gathering import Gathered, Refusal, Wanted
from services.importing.report import Tally
from services.importing.state import State
from services.operation import Operation

K = TypeVar("K", bound=Hashable)
M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Change(Generic[M]):
    """A row and its new values, only those that differ."""

    row: M
    values: dict[str, Any]


@dataclass(slots=True)
class Diff(Generic[K, M]):
    """What becomes of the objects of one kind. `new` holds all columns of each but those of its parents."""

    new: dict[K, dict[str, Any]] = field(default_factory=dict)
    changed: dict[K, Change[M]] = field(default_factory=dict)
    unchanged: int = 0

    def compare(self, key: K, row: M, values: Mapping[str, Any]) -> None:
        """Note the values that differ from the row's."""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if differing:
            self.changed[key] = Change(row, differing)
        else:
            self.unchanged += 1

    @property
    def tally(self) -> Tally:
        return Tally(len(self.new), len(self.changed), self.unchanged)


@dataclass(slots=True)
class Asking:
    """What every part of the planning looks at. `refusals` is what they add to."""

    op: Operation
    found: Gathered
    state: State
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, wanted: Wanted, column: str | None, message: str, said: str | None = None) -> None:
        self.refusals.append(wanted.refuse(column, message, said))

    def refuse_problem(self, wanted: Wanted, column: str, problem: Problem) -> None:
        self.refuse(wanted, column, problem.message)
