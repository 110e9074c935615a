"""Who else comes near: runner-ups for the reader, and the margin for the grade."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from services.matching.bounds import SLACK
from services.matching.greedy import Greedy, exact_pairs
from services.matching.roster import Rosters
from services.matching.scan import Pairs

MARGIN = 0.05  # a rival within it makes a candidate ambiguous (behaviours D-02)
SHOWN = 3

Scored = list[tuple[float, int]]


class RunnerUps:
    """Our people nearest to each Canvas name, scored exactly among the best by the bound."""

    def __init__(self, names: Rosters, best: Pairs) -> None:
        self._members, self._name_of = names.right.members, names.left.name_of
        self._near: defaultdict[int, Scored] = defaultdict(list)
        scores = exact_pairs(names, best.rows, best.cols)
        for row, col, score in zip(best.rows.tolist(), best.cols.tolist(), scores.tolist(), strict=True):
            if score > 0:
                self._near[row].append((score, col))

    def of(self, greedy: Greedy, person: int) -> list[tuple[int, float]]:
        """At most `SHOWN` (position, score) other than the partner and the rejected, best first, then in our order."""
        near = self._near[self._name_of[person]]
        others = [
            (-score, other)
            for score, col in near
            for other in self._members[col]
            if other != greedy.partner.get(person) and (person, other) not in greedy.rejected
        ]
        return [(other, -score) for score, other in sorted(others)[:SHOWN]]


class Margin:
    """Every pair that may come within the margin of a candidate at 0.90 or more, on either side."""

    def __init__(self, names: Rosters, near: Pairs, low: float) -> None:
        self._names = names
        self._rows: defaultdict[int, Scored] = defaultdict(list)
        self._cols: defaultdict[int, Scored] = defaultdict(list)
        near = near.where(near.estimate >= low - SLACK)
        scores = exact_pairs(names, near.rows, near.cols)
        order = np.argsort(-scores, kind="stable")
        for row, col, score in zip(
            near.rows[order].tolist(), near.cols[order].tolist(), scores[order].tolist(), strict=True
        ):
            self._rows[row].append((score, col))
            self._cols[col].append((score, row))

    def rivalled(self, greedy: Greedy, left: int, right: int, score: float) -> bool:
        """Whether somebody else on either side scores within the margin of this pair."""
        low, sides = score - MARGIN, self._names
        ours = (
            (left, other)
            for near, col in self._rows[sides.left.name_of[left]]
            if near >= low
            for other in sides.right.members[col]
            if other != right
        )
        theirs = (
            (other, right)
            for near, row in self._cols[sides.right.name_of[right]]
            if near >= low
            for other in sides.left.members[row]
            if other != left
        )
        return any(pair not in greedy.rejected for pairs in (ours, theirs) for pair in pairs)
