"""Is a name distinctive at this roster's size? How likely a pair this alike is two strangers.

Two people of one side are strangers for certain, so one side against itself shows how often strangers score 0.90 by
chance. What the two sides show beyond that is the share of people who really are on both. Against it stands, for each
name, how many strangers of this roster would score as high: how often its given name and its family name, or names at
least as like them, are borne by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from services.matching.bounds import SLACK
from services.matching.roster import rosters
from services.matching.scan import by_blocks, reaching

SURE = 0.9
SAMPLE = 1200  # people of a side compared with their whole side
CHANCE = 0.005  # of a pair being two strangers: above it a name is not distinctive
EXPECTED = 0.005  # strangers with such a name: above it neither
LEAST = 0.02  # share of strangers assumed on a side however well the two agree


@dataclass(frozen=True)
class Setting:
    """What both rosters say about chance as a whole. Shares are per Canvas person."""

    same: float  # share of Canvas people found on the other side under the same name
    near: float  # … under a name a little different
    strangers: float  # how many of our people are nobody in Canvas


def setting(canvas: Sequence[str], local: Sequence[str], same: int, near: int) -> Setting:
    """Weigh the `same` and `near` pairs at 0.90 or more against what strangers alone would give.

    Shape: folded names; `same` and `near` are counts of Canvas people.
    """
    twins, alikes, sampled = (sum(part) for part in zip(_decoys(canvas), _decoys(local), strict=True))
    size = max(1.0, (len(canvas) + len(local)) / 2 - 1)
    chance = [1 - (1 - (hits + 0.5) / (sampled + 1)) ** (len(local) / size) for hits in (twins, alikes)]
    whole = len(canvas)
    found_same = _beyond(same, whole, chance[0])
    found_near = _beyond(near, whole - found_same, chance[1])
    both = min(found_same + found_near, whole, len(local))
    return Setting(found_same / whole, found_near / whole, max(len(local) - both, LEAST * len(local)))


def _beyond(seen: int, whole: float, chance: float) -> float:
    """How many of `seen` are more than chance, cautiously, but never none: a roster of two must be able to agree."""
    return max((seen - whole * chance) / (1 - chance) - sqrt(whole * chance), 0.5)


def _decoys(folded: Sequence[str]) -> tuple[int, int, int]:
    """(people with a namesake on their own side, people with one of a name alike, people asked)."""
    names = rosters(folded, folded)
    asked = np.array(names.left.name_of[:: max(1, len(folded) // SAMPLE)], np.int32)
    twins = names.left.sizes[asked] > 1
    alike = np.zeros(len(names.left.texts), np.bool_)
    cols = np.arange(len(names.right.texts), dtype=np.int32)
    for _, near in by_blocks(asked, cols, lambda part: reaching(names, part, cols, SURE, 0)):
        alike[near.rows[(near.estimate >= SURE - SLACK) & (near.rows != near.cols)]] = True
    return int(twins.sum()), int((alike[asked] & ~twins).sum()), len(asked)


def stranger_chances(given: Setting, chances: NDArray[np.float64], same: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The chance that each pair is two strangers; 1 where more than `EXPECTED` such strangers are to be expected."""
    expected = given.strangers * chances
    apart = max(1 - given.same - given.near, LEAST)
    odds = apart * expected / np.where(same, given.same, given.near)
    return np.where(expected > EXPECTED, 1.0, odds / (1 + odds))
