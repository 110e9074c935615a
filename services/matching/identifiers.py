"""Identifiers that both systems keep: SIS id = doc id, login = user name, e-mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.matching.people import CanvasPerson, LocalPerson
from services.matching.report import Evidence

COMMON = 20  # with so many sure names to tell by, a kind of identifier that almost never agrees is no shared kind
AGREES = 0.1
CERTAIN = frozenset({"SIS_ID"})  # given out by the organisation itself: a difference always counts


class Verdict(StrEnum):
    """What one kind of identifier says about a pair."""

    EQUAL = "EQUAL"
    DIFFERENT = "DIFFERENT"
    ELSEWHERE = "ELSEWHERE"


@dataclass(frozen=True)
class Kind:
    """One kind: each person's value where it is theirs alone, and whom a value belongs to."""

    code: str
    noun: str
    certain: bool
    left: list[str | None]
    right: list[str | None]
    left_of: dict[str, int]
    right_of: dict[str, int]

    def verdict(self, left: int, right: int) -> Verdict | None:
        """EQUAL, DIFFERENT, ELSEWHERE (a value of one side is that of another person), or nothing."""
        mine, theirs = self.left[left], self.right[right]
        if mine is not None and mine == theirs:
            return Verdict.EQUAL
        if mine is not None and theirs is not None:
            return Verdict.DIFFERENT
        known = (mine is not None and mine in self.right_of) or (theirs is not None and theirs in self.left_of)
        return Verdict.ELSEWHERE if known else None


class Identifiers:
    """The three kinds over two rosters. A value borne twice on one side identifies nobody."""

    def __init__(self, canvas: Sequence[CanvasPerson], local: Sequence[LocalPerson]) -> None:
        self.kinds = [
            _kind("SIS_ID", "SIS id", (p.sis_user_id for p in canvas), (p.doc_id for p in local)),
            _kind("LOGIN", "login", (p.login_id for p in canvas), (p.username for p in local)),
            _kind("EMAIL", "e-mail address", (p.email for p in canvas), (p.email for p in local)),
        ]
        self._unshared: set[str] = set()

    def equal_pairs(self) -> Iterator[tuple[int, int]]:
        """Pairs with an equal identifier, the surest kind first, each in Canvas order."""
        for kind in self.kinds:
            for value, left in kind.left_of.items():
                if value in kind.right_of:
                    yield left, kind.right_of[value]

    def learn(self, sure: Sequence[tuple[int, int]]) -> None:
        """From pairs with alike names, find the kinds that the two systems fill from different sources."""
        for kind in self.kinds:
            said = [kind.left[i] == kind.right[j] for i, j in sure if kind.left[i] and kind.right[j]]
            if not kind.certain and len(said) >= COMMON and sum(said) < AGREES * len(said):
                self._unshared.add(kind.code)

    def verdicts(self, left: int, right: int) -> list[tuple[Kind, Verdict]]:
        """What each kind says about a pair; a difference in a kind that is not shared says nothing."""
        said = [(kind, kind.verdict(left, right)) for kind in self.kinds]
        return [
            (kind, verdict)
            for kind, verdict in said
            if verdict and not (verdict is Verdict.DIFFERENT and kind.code in self._unshared)
        ]


def identifier_evidence(kind: Kind, verdict: Verdict) -> Evidence:
    """A verdict as a reason, without anybody's value in it."""
    words = {
        Verdict.EQUAL: (f"The {kind.noun} is the same on both sides and nobody else's.", 1.0 if kind.certain else 0.9),
        Verdict.DIFFERENT: (f"The {kind.noun} differs between the two sides.", -1.0 if kind.certain else -0.6),
        Verdict.ELSEWHERE: (f"The {kind.noun} of one side belongs to another person on the other side.", -1.0),
    }
    message, weight = words[verdict]
    return Evidence(f"{kind.code}_{verdict}", message, weight)


def _kind(code: str, noun: str, left: Iterable[str | None], right: Iterable[str | None]) -> Kind:
    mine, theirs = _unique(left), _unique(right)
    return Kind(code, noun, code in CERTAIN, mine, theirs, _owners(mine), _owners(theirs))


def _unique(values: Iterable[str | None]) -> list[str | None]:
    plain = [(value or "").strip().casefold() or None for value in values]
    seen = Counter(plain)
    return [value if seen[value] == 1 else None for value in plain]


def _owners(values: Sequence[str | None]) -> dict[str, int]:
    return {value: person for person, value in enumerate(values) if value is not None}
