"""The places of many values at once: worked out one by one only where somebody needs to know."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Protocol

from graph.execution.paths import Place


class Places(Protocol):
    def at(self, index: int) -> Place: ...


@dataclass(frozen=True, slots=True)
class Only:
    """Of a single value."""

    place: Place

    def at(self, index: int) -> Place:  # noqa: ARG002 - there is one.
        return self.place


@dataclass(frozen=True, slots=True)
class Items:
    """Of the items of the list that stands `around` them."""

    around: Place

    def at(self, index: int) -> Place:
        return (self.around, index, None)


@dataclass(frozen=True, slots=True)
class Below:
    """Of the values of one field of many objects; `step` is the field's."""

    objects: Places
    name: str
    step: Any

    def at(self, index: int) -> Place:
        return (self.objects.at(index), self.name, self.step)


@dataclass(frozen=True, slots=True)
class Part:
    """Of those from `start` on."""

    whole: Places
    start: int

    def at(self, index: int) -> Place:
        return self.whole.at(self.start + index)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of some of them."""

    whole: Places
    indexes: Sequence[int]

    def at(self, index: int) -> Place:
        return self.whole.at(self.indexes[index])


@dataclass(frozen=True, slots=True)
class Joined:
    """Of the values of several stretches, one after the other; `starts` are where each begins."""

    starts: Sequence[int]
    parts: Sequence[Places]

    def at(self, index: int) -> Place:
        part = bisect_right(self.starts, index) - 1
        return self.parts[part].at(index - self.starts[part])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Objects of one plan that wait for its batched fields, the dicts that answer them, and their places."""

    sources: Sequence[Any]
    boxes: Sequence[dict[str, Any]]
    places: Places

    def choose(self, indexes: Sequence[int]) -> Stretch:
        if len(indexes) == len(self.sources):
            return self
        chosen = [self.sources[index] for index in indexes], [self.boxes[index] for index in indexes]
        return Stretch(*chosen, Chosen(self.places, indexes))


def joined(stretches: Sequence[Stretch]) -> Stretch:
    """One of several."""
    if len(stretches) == 1:
        return stretches[0]
    starts = list(accumulate((len(stretch.sources) for stretch in stretches[:-1]), initial=0))
    return Stretch(
        list(chain.from_iterable(stretch.sources for stretch in stretches)),
        list(chain.from_iterable(stretch.boxes for stretch in stretches)),
        Joined(starts, [stretch.places for stretch in stretches]),
    )
