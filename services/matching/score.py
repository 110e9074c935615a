"""The published name score, bit for bit: 0.6 Jaro-Winkler + 0.4 local alignment (behaviours P-60)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

Floats = NDArray[np.float64]

MISMATCH, GAP = -0.5, -0.1
CHUNK = 4096  # pairs aligned together: bounds the memory

# White space as the original trims it; `str.strip()` would also take the ASCII separators 0x1C to 0x1F.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def fold(name: str | None) -> str:
    """Trim and lower-case a name as the original does.

    Quirk: rune by rune, so that a final sigma has no form of its own and the dotted capital I becomes a plain i.
    """
    text = (name or "").strip(SPACES)
    return text.lower() if text.isascii() else "".join("i" if c == "İ" else c.lower() for c in text)


def score(left: str | None, right: str | None) -> float:
    """Score two names as displayed, 0..1. The Canvas name is the left one."""
    return float(exact([fold(left)], [fold(right)])[0])


def exact(left: Sequence[str], right: Sequence[str]) -> Floats:
    """Score folded names pair by pair.

    Shape: float64 (len(left),), equal to the original in every bit, so that ties are ties there and here.
    """
    out = np.empty(len(left))
    for at in range(0, len(left), CHUNK):
        a, b = left[at : at + CHUNK], right[at : at + CHUNK]
        winkler = process.cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float64)
        out[at : at + CHUNK] = 0.6 * winkler + 0.4 * alignment(a, b)
    return out


def alignment(left: Sequence[str], right: Sequence[str]) -> Floats:
    """Local alignment (match 1, mismatch -0.5, linear gap -0.1) over the shorter length, 0..1.

    Quirk: float64 in the original's order of operations; two empty names agree fully, one empty name not at all.
    """
    lengths = np.array([[len(name) for name in side] for side in (left, right)], np.int64)
    shorter = lengths.min(axis=0)
    best = _best_cell(_code_points(left, -1), _code_points(right, -2))
    share: Floats = best / np.maximum(shorter, 1)
    share[lengths.max(axis=0) == 0] = 1.0
    return share


def _best_cell(a: NDArray[np.int32], b: NDArray[np.int32]) -> Floats:
    """Fill the alignment tables of all pairs at once, letter by letter of the left names; the highest cell of each."""
    above, row = np.zeros(b.shape), np.zeros(b.shape)
    best = np.zeros(b.shape[1])
    for i, letter in enumerate(a):
        gain = np.where(b == letter, 1.0, MISMATCH)
        cells = np.maximum(above + GAP, 0.0) if i else np.maximum(gain, 0.0)
        if i:
            cells[0] = np.maximum(cells[0], gain[0])
            cells[1:] = np.maximum(cells[1:], above[:-1] + gain[1:])
        row[0] = cells[0]
        for j in range(1, len(b)):
            np.maximum(cells[j], row[j - 1] + GAP, out=row[j])
        np.maximum(best, row.max(axis=0), out=best)
        above, row = row, above
    return best


def _code_points(names: Sequence[str], pad: int) -> NDArray[np.int32]:
    """Code points as int32 (longest name, len(names)), short names filled up with `pad`."""
    table = np.full((len(names), max(1, *map(len, names)) if names else 1), pad, np.int32)
    for row, name in zip(table, names, strict=True):
        row[: len(name)] = np.frombuffer(name.encode("utf-32-le", "surrogatepass"), np.int32)
    return np.ascontiguousarray(table.T)
