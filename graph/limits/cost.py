"""What an operation may cost before it runs, by its list sizes, and what its answer did cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any

from graph.limits.weights import DEFAULT_PAGE

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """How many rows an argument lets a list have: a constant, or what a variable will say."""

    argument: str
    constant: int | None
    variable: str | None = None

    def read(self, variables: Mapping[str, Any]) -> int:
        """The size asked for. What is no number or list is left to the executor's own complaint."""
        fallback = DEFAULT_PAGE if self.constant is None else self.constant
        if self.variable is None:
            return fallback
        value = variables.get(self.variable, fallback)
        if isinstance(value, list):
            return len(value)
        usable = isinstance(value, int) and not isinstance(value, bool)
        return value if usable else max(fallback, DEFAULT_PAGE)


@dataclass(frozen=True, slots=True)
class CostField:
    """A field that has a price. `points` is that of one object; `wraps`: the edges and nodes of a connection."""

    key: str
    points: int
    counts: bool = False
    listed: bool = False
    wraps: bool = False
    size: int = 1
    bound: Bound | None = None
    children: tuple[CostField, ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Whether no variable changes it."""
        return (self.bound is None or self.bound.variable is None) and all(one.is_fixed for one in self.children)

    def length(self, page: int | None, asked: int | None) -> int:
        """Rows under one parent: `page` is what the connection around it was asked for, `asked` what itself was."""
        if not self.listed:
            return 1
        if self.wraps and page is not None:
            return max(page, 0)
        return self.size if asked is None else max(asked, 0)


@dataclass(slots=True)
class Price:
    """Points and objects, and the page sizes met on the way: (path, argument, rows asked for)."""

    points: int = 1
    nodes: int = 0
    pages: list[tuple[Path, str, int]] = field(default_factory=list)

    def add(
        self, fields: tuple[CostField, ...], variables: Mapping[str, Any], parents: int, page: int | None, path: Path
    ) -> None:
        for item in fields:
            here = (*path, item.key)
            asked = None
            if item.bound is not None:
                asked = item.bound.read(variables)
                self.pages.append((here, item.bound.argument, asked))
            count = parents * item.length(page, asked)
            self.points += count * item.points
            self.nodes += count if item.counts else 0
            self.add(item.children, variables, count, None if item.listed else asked, here)


class CostPlan:
    """The priced fields of one operation, made once per document."""

    def __init__(self, fields: tuple[CostField, ...]) -> None:
        self.fields = fields
        self._fixed = self._price({}) if all(item.is_fixed for item in fields) else None

    def estimate(self, variables: Mapping[str, Any]) -> Price:
        """The most it can cost with these variables; at least one point."""
        return self._fixed or self._price(variables)

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """What the answer holds, by the same prices."""
        return 1 + (0 if data is None else _actual(self.fields, [data]))

    def _price(self, variables: Mapping[str, Any]) -> Price:
        price = Price()
        price.add(self.fields, variables, 1, None, ())
        return price


def _actual(fields: tuple[CostField, ...], rows: Sequence[Mapping[str, Any]]) -> int:
    """All rows of a level at a time: an answer of thousands is counted for every request."""
    points = 0
    for item in fields:
        found = _column(rows, item.key)
        if item.listed:
            found = found[0] if len(found) == 1 else list(chain.from_iterable(found))
        points += item.points * len(found)
        if item.children:
            points += _actual(item.children, _objects(found))
    return points


def _column(rows: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    """The values of that name that are not null; objects of other types may not have it."""
    try:
        values = list(map(itemgetter(key), rows))
    except KeyError:
        values = [row.get(key) for row in rows]
    return [value for value in values if value is not None]


def _objects(found: list[Any]) -> list[Any]:
    if set(map(type, found)) == {dict}:
        return found
    return [one for one in found if isinstance(one, dict)]
