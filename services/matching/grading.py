"""The grade of a pair: by score alone (PUBLISHED), or with evidence beside it (SAFE, behaviours D-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.enums import MatchGrade
from services.matching.commonness import Commonness
from services.matching.greedy import Greedy, Match
from services.matching.identifiers import Identifiers, Verdict, identifier_evidence
from services.matching.report import Evidence
from services.matching.rivals import Margin
from services.matching.scan import FLOOR
from services.matching.strangers import CHANCE, SURE, setting, stranger_chances
from services.matching.tokens import Tokens, name_evidence

RAISED = 0.3  # an identifier that is equal and unique needs no better name than this

Judged = tuple[MatchGrade, tuple[Evidence, ...]]

NAME_REASONS = {
    "ACCENTS": Evidence("ACCENTS", "The names differ only in accents, spaces or punctuation.", 0.8),
    "SWAPPED_ORDER": Evidence("SWAPPED_ORDER", "The same names stand in another order.", 0.6),
    "NICKNAME": Evidence("NICKNAME", "One given name is a short form of the other.", 0.5),
    "INITIAL": Evidence("INITIAL", "A name is given by its initial on one side.", 0.3),
    "MISSING_MIDDLE": Evidence("MISSING_MIDDLE", "One side leaves out a middle name.", 0.5),
}
RUNNER_UP = Evidence("RUNNER_UP", "Somebody else's name comes within 0.05 of this score.", -0.5)
TWO_NAMES = Evidence(
    "NOT_DISTINCTIVE", "The names differ in a word that is another name rather than a slip of the pen.", -0.5
)
COMMON_NAME = "Among this many people two different persons may well have names this alike."


def published(score: float) -> MatchGrade:
    """The grade by score alone, on the unrounded number (behaviours P-61)."""
    if score >= SURE:
        return MatchGrade.AUTO_CONFIRMED
    return MatchGrade.AMBIGUOUS if score >= FLOOR else MatchGrade.UNMATCHED


@dataclass(frozen=True)
class People:
    """Both sides' names, folded for the score and as words, and their identifiers."""

    canvas: Sequence[str]
    local: Sequence[str]
    canvas_words: Sequence[Tokens]
    local_words: Sequence[Tokens]
    identifiers: Identifiers


class Safe:
    """The rules of SAFE over all pairs of one report."""

    def __init__(self, people: People, greedy: Greedy, margin: Margin) -> None:
        self._people, self._greedy, self._margin = people, greedy, margin
        sure = [(left, right) for left, right, score in greedy.matches if score >= SURE]
        people.identifiers.learn(sure)
        self._chance: dict[tuple[int, int], float] = {}
        self._two_names: set[tuple[int, int]] = set()
        if sure:
            self._weigh(sure)

    def judge(self, match: Match) -> Judged:
        """Grade a pair, with a reason for every change of the published grade and for what else speaks for it."""
        left, right, score = match
        said = self._people.identifiers.verdicts(left, right)
        reasons = [identifier_evidence(kind, verdict) for kind, verdict in said]
        reasons += [NAME_REASONS[code] for code in self._name_codes(left, right)]
        verdicts = {verdict for _, verdict in said}
        if verdicts == {Verdict.EQUAL} and score >= RAISED:
            return MatchGrade.AUTO_CONFIRMED, tuple(reasons)
        if score < SURE:
            return MatchGrade.AMBIGUOUS, tuple(reasons)
        doubts = self._doubts(match)
        lowered = doubts or verdicts
        grade = MatchGrade.AMBIGUOUS if lowered else MatchGrade.AUTO_CONFIRMED
        return grade, (*reasons, *doubts)

    def _name_codes(self, left: int, right: int) -> tuple[str, ...]:
        people = self._people
        if people.canvas[left] == people.local[right]:
            return ()
        return name_evidence(people.canvas_words[left], people.local_words[right])

    def _doubts(self, match: Match) -> list[Evidence]:
        """Why a pair at 0.90 or more may still be two people."""
        left, right, score = match
        doubts = [RUNNER_UP] if self._margin.rivalled(self._greedy, left, right, score) else []
        chance = self._chance[left, right]
        if (left, right) in self._two_names:
            doubts.append(TWO_NAMES)
        elif chance > CHANCE:
            doubts.append(Evidence("NOT_DISTINCTIVE", COMMON_NAME, -round(chance, 3)))
        return doubts

    def _weigh(self, sure: Sequence[tuple[int, int]]) -> None:
        """Work out, for the pairs at 0.90 or more, how likely each is to be two strangers."""
        people = self._people
        same = np.array([people.canvas[i] == people.local[j] for i, j in sure], np.bool_)
        worded = [(people.canvas_words[i], people.local_words[j]) for i, j in sure]
        named = np.array([bool(a and b) for a, b in worded], np.bool_)
        common = Commonness(people.canvas_words, people.local_words)
        background = setting(people.canvas, people.local, int(same.sum()), int((~same).sum()))
        chances = np.ones(len(sure))
        chances[named] = common.chances([pair for pair in worded if all(pair)])
        odds = stranger_chances(background, chances, same)
        self._chance = dict(zip(sure, odds.tolist(), strict=True))
        self._two_names = {
            pair for pair, (a, b) in zip(sure, worded, strict=True) if a and b and common.two_names(a, b)
        }
