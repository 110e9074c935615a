"""Both sides as distinct folded names: people who share a name share every score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8] | NDArray[np.uint32]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Side:
    """The distinct names of one side and who bears each."""

    texts: list[str]
    members: list[list[int]]  # positions of the people, ascending
    name_of: list[int]  # position of a person -> its distinct name

    @cached_property
    def lengths(self) -> Ints:
        return np.fromiter(map(len, self.texts), np.int32, len(self.texts))

    @cached_property
    def sizes(self) -> Ints:
        return np.fromiter(map(len, self.members), np.int32, len(self.members))


@dataclass(frozen=True)
class Rosters:
    """Both sides, and their letters in one small alphabet: 0 pads the left names, 1 the right ones."""

    left: Side
    right: Side
    left_codes: Codes
    right_codes: Codes


def side(folded: Sequence[str]) -> Side:
    """Group people by their folded name, in order of first appearance."""
    place: dict[str, int] = {}
    members: list[list[int]] = []
    name_of: list[int] = []
    for person, text in enumerate(folded):
        at = place.setdefault(text, len(place))
        if at == len(members):
            members.append([])
        members[at].append(person)
        name_of.append(at)
    return Side(list(place), members, name_of)


def rosters(left: Sequence[str], right: Sequence[str]) -> Rosters:
    """Prepare two lists of folded names for scanning."""
    a, b = side(left), side(right)
    alphabet = {letter: code for code, letter in enumerate(sorted({*"".join(a.texts), *"".join(b.texts)}), start=2)}
    return Rosters(a, b, _codes(a, alphabet, 0), _codes(b, alphabet, 1))


def _codes(names: Side, alphabet: dict[str, int], pad: int) -> Codes:
    """Letters as numbers, (longest name, names)."""
    kind = np.uint8 if len(alphabet) < 250 else np.uint32
    longest = max(map(len, names.texts), default=0) or 1
    table = np.full((len(names.texts), longest), pad, kind)
    for row, text in zip(table, names.texts, strict=True):
        row[: len(text)] = [alphabet[letter] for letter in text]
    return np.ascontiguousarray(table.T)
