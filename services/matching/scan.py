"""Finding the near pairs of two rosters without keeping the far ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.bounds import SLACK, Floats, block, estimates
from services.matching.roster import Ints, Rosters

BLOCK = 1_000_000  # pairs looked at together: bounds the memory
CORES = min(os.cpu_count() or 1, 8)
FLOOR = 0.5  # below it nobody is matched (behaviours P-61)
STEP = 0.02  # each scan reaches at least this much deeper than the one before
FEW = 600_000  # so few pairs are looked at all at once
SHARE, MOST = 0.006, 5_000_000  # of more, this share, or this many, whose bounds are highest
BEST = 6  # by bound, kept for every left name whatever its score: its runner-ups are among them

T = TypeVar("T")


@dataclass(frozen=True)
class Pairs:
    """Pairs of distinct names, with the score to within `SLACK`."""

    rows: Ints
    cols: Ints
    estimate: Floats

    def where(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Pairs:
        return Pairs(self.rows[keep], self.cols[keep], self.estimate[keep])


@dataclass(frozen=True)
class Scan:
    """All pairs of the scanned names that score `level` or more; `best` are each left name's highest, if asked for."""

    level: float
    near: Pairs
    best: Pairs


def scan(
    names: Rosters, rows: Ints, cols: Ints, ceiling: float, *, best: bool = False, tick: Callable[[int], None]
) -> Scan:
    """Scan left names `rows` against right names `cols`, as deep as stays cheap, but always below `ceiling`.

    Shape:  `tick` is called with the number of rows done after each block, and may raise to stop.
    Quirk:  memory is bounded by the share kept, unless very many different names lie within `STEP` of the ceiling.
    """
    level = _level(names, rows, cols, ceiling)

    def look(part: Ints) -> tuple[Pairs, Pairs]:
        found = reaching(names, part, cols, level, BEST if best else 0)
        return found.where(found.estimate >= level - SLACK), found.where(_leading(found)) if best else _NONE

    near, tops, done = [_NONE], [_NONE], 0
    with closing(by_blocks(rows, cols, look)) as blocks:
        for part, (close, top) in blocks:
            near.append(close)
            tops.append(top)
            done += len(part)
            tick(done)
    return Scan(level, _joined(near), _joined(tops))


def by_blocks(rows: Ints, cols: Ints, work: Callable[[Ints], T]) -> Generator[tuple[Ints, T], None, None]:
    """Work on `rows` in blocks, on every core, and yield each block with its result, in order."""
    step = max(1, BLOCK // max(1, len(cols)))
    blocks = [rows[at : at + step] for at in range(0, len(rows), step)]
    pool = ThreadPoolExecutor(min(CORES, len(blocks) or 1))
    try:
        yield from zip(blocks, pool.map(work, blocks), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


_NONE = Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))


def _level(names: Rosters, rows: Ints, cols: Ints, ceiling: float) -> float:
    """How deep to scan: where the kept share of an even sample's bounds begins."""
    pairs = len(rows) * len(cols)
    lowest = max(FLOOR, ceiling - STEP)
    if pairs <= FEW or lowest == FLOOR:
        return FLOOR
    few_rows, every = rows[:: max(1, len(rows) // 200)], max(1, len(cols) // 1000)
    _, bound = block(names, few_rows, cols[::every], FLOOR)
    share = min(max(SHARE, FEW / pairs), MOST / pairs)
    return min(max(FLOOR, float(np.quantile(bound, 1 - share))), lowest)


def reaching(names: Rosters, rows: Ints, cols: Ints, level: float, least: int) -> Pairs:
    """Pairs of a block whose bound reaches `level`, and no fewer than `least` of each row."""
    winkler, bound = block(names, rows, cols, 0.0 if least else level)
    keep = bound >= level - SLACK
    if least < len(cols):
        lone = np.flatnonzero(np.count_nonzero(keep, axis=1) < least)
        keep[lone[:, None], np.argpartition(bound[lone], -least, axis=1)[:, -least:]] = least > 0
    elif least:
        keep[:] = True
    i, j = np.nonzero(keep)
    found_rows, found_cols = rows[i], cols[j]
    return Pairs(found_rows, found_cols, estimates(names, found_rows, found_cols, winkler[i, j]))


def _leading(pairs: Pairs) -> NDArray[np.intp]:
    """Positions of the `BEST` highest estimates of each row."""
    order = np.lexsort((pairs.cols, -pairs.estimate, pairs.rows))
    rows = pairs.rows[order]
    starts = np.searchsorted(rows, rows, side="left")
    return order[np.arange(len(order)) - starts < BEST]


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.cols for p in parts]),
        np.concatenate([p.estimate for p in parts]),
    )
