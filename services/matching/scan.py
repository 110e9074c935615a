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
BEST = 6  # highest of every left name whatever their score: its runner-ups and rivals are among them

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
    """All pairs of the scanned names that score `level` or more."""

    level: float
    near: Pairs


@dataclass(frozen=True)
class FirstScan(Scan):
    """A scan of everybody. `best` are the highest of each left name, `rivals` those of each right name that score `sure`."""

    best: Pairs
    rivals: Pairs


def scan(names: Rosters, rows: Ints, cols: Ints, ceiling: float, *, tick: Callable[[int], None]) -> Scan:
    """Scan left names `rows` against right names `cols`, as deep as stays cheap, but always below `ceiling`.

    Shape:  `tick` is called with the number of rows done after each block, and may raise to stop.
    Quirk:  memory is bounded by the share kept, unless very many different names lie within `STEP` of the ceiling.
    """
    level = _level(names, rows, cols, ceiling)

    def look(part: Ints) -> Pairs:
        return _from(level, reaching(names, part, cols, level, 0))

    near, done = [_NONE], 0
    with closing(by_blocks(rows, cols, look)) as blocks:
        for part, close in blocks:
            near.append(close)
            done += len(part)
            tick(done)
    return Scan(level, _joined(near))


def first_scan(names: Rosters, sure: float, *, tick: Callable[[int], None]) -> FirstScan:
    """Scan everybody against everybody, as deep as stays cheap; what comes near a sure pair is found however many there are.

    Shape: as `scan`.
    """
    rows, cols = (np.arange(len(side.texts), dtype=np.int32) for side in (names.left, names.right))
    level = _level(names, rows, cols, 1.0)

    def look(part: Ints) -> tuple[Pairs, Pairs, Pairs]:
        found = reaching(names, part, cols, min(level, sure), BEST)
        close = _from(sure, found)
        best, rivals = found.where(_leading(found, found.rows)), close.where(_leading(close, close.cols))
        return _from(level, found), best, rivals

    near, tops, rivals, done = [_NONE], [_NONE], _NONE, 0
    with closing(by_blocks(rows, cols, look)) as blocks:
        for part, (close, top, rival) in blocks:
            near.append(close)
            tops.append(top)
            rivals = _joined([rivals, rival])
            rivals = rivals.where(_leading(rivals, rivals.cols))
            done += len(part)
            tick(done)
    return FirstScan(level, _joined(near), _joined(tops), rivals)


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


def _from(level: float, pairs: Pairs) -> Pairs:
    """The pairs that may score `level` or more."""
    return pairs.where(pairs.estimate >= level - SLACK)


def _leading(pairs: Pairs, side: Ints) -> NDArray[np.intp]:
    """Positions of the `BEST` highest estimates of each name in `side`, which is the pairs' rows or columns."""
    order = np.lexsort((-pairs.estimate, side))
    names = side[order]
    starts = np.searchsorted(names, names, side="left")
    return order[np.arange(len(order)) - starts < BEST]


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.cols for p in parts]),
        np.concatenate([p.estimate for p in parts]),
    )
