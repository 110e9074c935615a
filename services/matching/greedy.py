"""One-to-one by score, best first; ties by Canvas order, then by ours (behaviours P-61)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import groupby

import numpy as np

from services.matching.bounds import SLACK
from services.matching.roster import Ints, Rosters
from services.matching.scan import Pairs, Scan, scan
from services.matching.score import exact

WINDOW = 10_000  # pairs looked at together, the likest first: only those of names still free are scored exactly

Match = tuple[int, int, float]


class Greedy:
    """Who is taken so far. Positions are people's, names are distinct ones."""

    def __init__(self, names: Rosters, rejected: set[tuple[int, int]], first: Scan) -> None:
        self.names, self.rejected = names, rejected
        self._scan = first
        self.partner: dict[int, int] = {}
        self.matches: list[Match] = []
        self._taken: set[int] = set()
        self._free_left, self._free_right = names.left.sizes.copy(), names.right.sizes.copy()

    def claim(self, left: int, right: int, score: float) -> bool:
        """Take one pair, unless either side is taken or the pair was rejected."""
        if left in self.partner or right in self._taken or (left, right) in self.rejected:
            return False
        self.partner[left] = right
        self._taken.add(right)
        self._free_left[self.names.left.name_of[left]] -= 1
        self._free_right[self.names.right.name_of[right]] -= 1
        self.matches.append((left, right, score))
        return True

    def reach(self, low: float, tick: Callable[[int], None]) -> None:
        """Take every pair of free names scoring `low` or more, scanning deeper among those left where that is needed."""
        self._settle(self._scan.near, max(low, self._scan.level))
        while self._scan.level > low:
            rows, cols = (np.flatnonzero(free > 0).astype(np.int32) for free in (self._free_left, self._free_right))
            if not len(rows) or not len(cols):
                return
            self._scan = scan(self.names, rows, cols, self._scan.level, tick=tick)
            self._settle(self._scan.near, max(low, self._scan.level))

    def _settle(self, pairs: Pairs, low: float) -> None:
        """Take from `pairs`, which must hold every pair of free names scoring `low` or more.

        Quirk: equal to sorting all pairs exactly. What follows a window may score `SLACK` above its estimate, so pairs
               are taken down to an edge above that, and those between wait for the next window.
        """
        pairs = pairs.where(pairs.estimate >= low - SLACK)
        pairs = pairs.where(np.argsort(-pairs.estimate, kind="stable"))
        rising = -pairs.estimate
        at, count = 0, len(rising)
        while at < count:
            last = min(at + WINDOW, count) - 1
            end = int(np.searchsorted(rising, rising[last] + 4 * SLACK, side="right"))
            edge = low if end == count else max(low, 2 * SLACK - float(rising[end]))
            self._take(self._free(pairs.where(np.arange(at, end))), edge)
            at = count if end == count else int(np.searchsorted(rising, -edge - SLACK, side="right"))

    def _free(self, pairs: Pairs) -> Pairs:
        return pairs.where((self._free_left[pairs.rows] > 0) & (self._free_right[pairs.cols] > 0))

    def _take(self, pairs: Pairs, edge: float) -> None:
        if not len(pairs.rows):
            return
        scores = exact_pairs(self.names, pairs.rows, pairs.cols)
        keep = np.flatnonzero(scores >= edge)
        order = keep[np.argsort(-scores[keep], kind="stable")]
        ranked = zip(scores[order].tolist(), pairs.rows[order].tolist(), pairs.cols[order].tolist(), strict=True)
        for score, tied in groupby(ranked, key=lambda pair: pair[0]):
            self._take_tied(score, [(row, col) for _, row, col in tied])

    def _take_tied(self, score: float, tied: list[tuple[int, int]]) -> None:
        """Take pairs of names that all score the same: lowest left person first, each with the lowest free right one."""
        partners: defaultdict[int, list[int]] = defaultdict(list)
        for row, col in tied:
            partners[row].append(col)
        waiting = {col: self._untaken(self.names.right.members[col]) for _, col in tied}
        people = sorted((person, row) for row in partners for person in self.names.left.members[row])
        for person, row in people:
            if person not in self.partner:
                self._take_first(person, [waiting[col] for col in partners[row]], score)

    def _take_first(self, person: int, queues: list[list[int]], score: float) -> None:
        """Give `person` the lowest right person in `queues` (descending lists) that is free and not rejected."""
        best: tuple[int, list[int], int] | None = None
        for queue in queues:
            at = next((k for k in reversed(range(len(queue))) if (person, queue[k]) not in self.rejected), None)
            if at is not None and (best is None or queue[at] < best[0]):
                best = queue[at], queue, at
        if best is not None:
            other, queue, at = best
            del queue[at]
            self.claim(person, other, score)

    def _untaken(self, people: Iterable[int]) -> list[int]:
        return sorted((person for person in people if person not in self._taken), reverse=True)


def exact_pairs(names: Rosters, rows: Ints, cols: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The published score of pairs of distinct names."""
    left, right = names.left.texts, names.right.texts
    return exact([left[i] for i in rows.tolist()], [right[j] for j in cols.tolist()])
