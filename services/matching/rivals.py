"""Who else comes near: runner-ups for the reader, and the margin for the grade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial

import numpy as np

from services.matching.bounds import SLACK
from services.matching.greedy import Greedy, exact_pairs
from services.matching.roster import Rosters
from services.matching.scan import BEST, Pairs, reaching

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
    """Who may come within the margin of a candidate at 0.90 or more, on either side: the likest few, and all on demand."""

    def __init__(self, names: Rosters, best: Pairs, rivals: Pairs, low: float) -> None:
        self._names, self._low = names, low
        self._rows, self._cols = self._by(best, of_rows=True), self._by(rivals, of_rows=False)

    def rivalled(self, greedy: Greedy, left: int, right: int, score: float) -> bool:
        """Whether somebody else on either side scores within the margin of this pair."""
        low, names = score - MARGIN, self._names
        row, col = names.left.name_of[left], names.right.name_of[right]

        def ours(near: Scored) -> bool:
            others = (other for reached, at in near if reached >= low for other in names.right.members[at])
            return any(other != right and (left, other) not in greedy.rejected for other in others)

        def theirs(near: Scored) -> bool:
            others = (other for reached, at in near if reached >= low for other in names.left.members[at])
            return any(other != left and (other, right) not in greedy.rejected for other in others)

        return self._any(ours, self._rows[row], low, partial(self._deeper_row, row)) or self._any(
            theirs, self._cols[col], low, partial(self._deeper_col, col)
        )

    def _any(self, holds: Callable[[Scored], bool], near: Scored, low: float, deeper: Callable[[], Scored]) -> bool:
        """Ask the likest few, and everybody else only where those few are all near and all rejected."""
        if holds(near):
            return True
        more = len(near) >= BEST and near[-1][0] >= low - 2 * SLACK
        return more and holds(deeper())

    def _deeper_row(self, row: int) -> Scored:
        cols = np.arange(len(self._names.right.texts), dtype=np.int32)
        return self._by(reaching(self._names, np.array([row], np.int32), cols, self._low, 0), of_rows=True)[row]

    def _deeper_col(self, col: int) -> Scored:
        rows = np.arange(len(self._names.left.texts), dtype=np.int32)
        return self._by(reaching(self._names, rows, np.array([col], np.int32), self._low, 0), of_rows=False)[col]

    def _by(self, pairs: Pairs, *, of_rows: bool) -> defaultdict[int, Scored]:
        """The other names of each name with their exact score, best first."""
        pairs = pairs.where(pairs.estimate >= self._low - SLACK)
        scores = exact_pairs(self._names, pairs.rows, pairs.cols)
        order = np.argsort(-scores, kind="stable")
        mine, theirs = (pairs.rows, pairs.cols) if of_rows else (pairs.cols, pairs.rows)
        found: defaultdict[int, Scored] = defaultdict(list)
        for name, other, score in zip(
            mine[order].tolist(), theirs[order].tolist(), scores[order].tolist(), strict=True
        ):
            found[name].append((score, other))
        return found
