"""Cheap bounds of the score, so that almost no pair has to be scored exactly.

With these costs two gaps are cheaper than a mismatch, so an alignment never exceeds the longest common subsequence:
0.6 Jaro-Winkler + 0.4 LCS / shorter length is never below the score. In whole tenths the alignment itself is exact
to within rounding, and costs a twentieth of the float one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, LCSseq

from services.matching.roster import Codes, Ints, Rosters

Floats = NDArray[np.float32]

SLACK = 1e-5  # what float32 may lose
CHUNK = 8192  # pairs aligned together: small enough for a processor's cache


def block(names: Rosters, rows: Ints, cols: Ints, low: float) -> tuple[Floats, Floats]:
    """Jaro-Winkler and the upper bound of the score of every pair of a block.

    Shape: two float32 (len(rows), len(cols)); a Jaro-Winkler too low to reach `low` counts as 0.
    """
    left, right = [names.left.texts[i] for i in rows], [names.right.texts[j] for j in cols]
    cutoff = max(0.0, (low - 0.4) / 0.6 - SLACK)
    winkler = process.cdist(left, right, scorer=JaroWinkler.similarity, score_cutoff=cutoff, dtype=np.float32)
    common = process.cdist(left, right, scorer=LCSseq.similarity, dtype=np.float32)
    shorter = np.minimum(names.left.lengths[rows][:, None], names.right.lengths[cols][None, :])
    bound = np.divide(common, np.maximum(shorter, 1), out=common)
    bound[shorter == 0] = 1.0
    bound *= np.float32(0.4)
    bound += np.float32(0.6) * winkler
    return winkler, bound


def estimates(names: Rosters, rows: Ints, cols: Ints, winkler: Floats) -> Floats:
    """The score of pairs (rows[k], cols[k]) to within `SLACK`, given their Jaro-Winkler."""
    a, b = names.left.lengths[rows], names.right.lengths[cols]
    tenths = np.empty(len(rows), np.float32)
    order = np.lexsort((b, a))
    for at in range(0, len(order), CHUNK):
        part = order[at : at + CHUNK]
        left = names.left_codes[: max(1, a[part].max()), rows[part]]
        right = names.right_codes[: max(1, b[part].max()), cols[part]]
        tenths[part] = _best_cell(left, right, int(np.minimum(a[part], b[part]).max()))
    share = tenths / (10 * np.maximum(np.minimum(a, b), 1))
    share[(a == 0) & (b == 0)] = 1.0
    score: Floats = np.float32(0.6) * winkler + np.float32(0.4) * share.astype(np.float32)
    return score


def _best_cell(a: Codes, b: Codes, shorter: int) -> NDArray[Any]:
    """The highest cell of each pair's alignment table, in tenths: match 10, gap -1, no mismatch, never below 0."""
    kind = np.uint8 if shorter <= 25 else np.uint32
    above, row = np.zeros((len(b) + 1, b.shape[1]), kind), np.zeros((len(b) + 1, b.shape[1]), kind)
    best = np.zeros(b.shape, kind)
    for letter in a:
        cells = row[1:]
        np.add(above[:-1], 10, out=cells)
        cells *= b == letter
        np.maximum(cells, np.maximum(above[1:], 1) - 1, out=cells)
        for j in range(1, len(cells)):
            np.maximum(cells[j], np.maximum(cells[j - 1], 1) - 1, out=cells[j])
        np.maximum(best, cells, out=best)
        above, row = row, above
    highest: NDArray[Any] = best.max(axis=0)
    return highest
