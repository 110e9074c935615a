"""How common a name is, from both rosters and a little from the world at large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from services.matching.bounds import SLACK
from services.matching.given_names import KNOWN
from services.matching.tokens import Tokens, same_nickname

OWN = 2  # people with a word, the two at hand among them: more, and it is a name
UNLIKE = 0.7  # words less alike than this are no slip of the pen
ROWS = 256  # names compared with all others at once
PRIOR = 20.0  # people the figures of the world at large count for beside the roster's own
GIVEN, FAMILY, ALIKE = 0.005, 0.002, 4.0  # share of people with some one name; times as many with one alike
NEAR_WAYS = 3.0  # a score under 1 may come of the given name, of the family name or of both


class Commonness:
    """How common the given and family names of both rosters are."""

    def __init__(self, canvas: Sequence[Tokens], local: Sequence[Tokens]) -> None:
        self._people = sum(1 for words in (*canvas, *local) if words)
        self._given = Counter(words[0] for words in (*canvas, *local) if words)
        self._family = Counter(words[-1] for words in (*canvas, *local) if words)

    def chances(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> NDArray[np.float64]:
        """For each pair of names: the chance that a given stranger's name is as like the left as the right is.

        Quirk: a name of one word tells too little, so its chance is 1.
        """
        given = _share(self._given, [(a[0], b[0]) for a, b in pairs], self._people, GIVEN)
        family = _share(self._family, [(a[-1], b[-1]) for a, b in pairs], self._people, FAMILY)
        one_word = np.array([min(len(a), len(b)) < 2 for a, b in pairs], np.bool_)
        ways = np.array([1.0 if a == b else NEAR_WAYS for a, b in pairs])
        chance: NDArray[np.float64] = np.where(one_word, 1.0, given * family * ways)
        return chance

    def two_names(self, left: Tokens, right: Tokens) -> bool:
        """Whether the given or family names are two names rather than one misspelt: Robert and Roberta."""
        given = not same_nickname(left[0], right[0]) and self._two(left[0], right[0], self._given, KNOWN)
        return given or self._two(left[-1], right[-1], self._family)

    def _two(self, left: str, right: str, borne: Counter[str], known: frozenset[str] = frozenset()) -> bool:
        """Whether two words are not alike, or each is a name that others bear too."""
        if left == right:
            return False
        both = all(word in known or borne[word] > OWN for word in (left, right))
        return both or JaroWinkler.similarity(left, right) < UNLIKE


def _share(counts: Counter[str], pairs: Sequence[tuple[str, str]], people: int, common: float) -> NDArray[np.float64]:
    """Share of people whose word is at least as like the left word as the right word is, those two left out."""
    words, borne = list(counts), np.fromiter(counts.values(), np.float64, len(counts))
    alike = np.array([JaroWinkler.similarity(a, b) for a, b in pairs])
    others = np.array([float(counts[a]) for a, _ in pairs]) - 2
    differ = np.flatnonzero(alike < 1)
    differ = differ[np.argsort(alike[differ])]
    for at in range(0, len(differ), ROWS):
        part = differ[at : at + ROWS]
        left, least = [pairs[k][0] for k in part], np.maximum(alike[part] - SLACK, 0.0)
        table = process.cdist(
            left, words, scorer=JaroWinkler.similarity, score_cutoff=least[0], dtype=np.float32, workers=-1
        )
        others[part] = (table >= least[:, None]) @ borne - 2
    world = np.where(alike < 1, ALIKE, 1.0) * common
    share: NDArray[np.float64] = (np.maximum(others, 0) + PRIOR * world) / (max(people - 2, 0) + PRIOR)
    return share
