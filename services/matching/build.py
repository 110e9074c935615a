"""Making a report: who is proposed to be whom, how surely, and who else comes near.

Pairs are taken greedily, best score first, one to one. PUBLISHED does nothing else. SAFE takes in four ranks, each in
the published order: pairs with an equal, unique identifier and a score of 0.30 or more; scores of 0.90 or more; pairs
with evidence in the name; the other scores of 0.50 or more. So a sure reason never loses to a weaker likeness.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from domain.enums import MatchGrade, MatchPolicy
from services.matching.grading import RAISED, Judged, People, Safe, published
from services.matching.greedy import Greedy, Match
from services.matching.identifiers import Identifiers
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.report import Candidate, Report, RunnerUp
from services.matching.rivals import MARGIN, Margin, RunnerUps
from services.matching.roster import Rosters, rosters
from services.matching.scan import FLOOR, FirstScan, first_scan
from services.matching.score import exact, fold
from services.matching.strangers import SURE
from services.matching.tokens import NameIndex, tokens

Progress = Callable[[int, int], None]


def build_report(
    canvas: Sequence[CanvasPerson],
    local: Sequence[LocalPerson],
    policy: MatchPolicy,
    progress: Progress | None = None,
    *,
    rejected: Collection[tuple[str, int]] = (),
) -> Report:
    """Match Canvas people with ours.

    Shape:  every Canvas person once, in one of three buckets; nobody of ours twice.
    Units:  `progress(done, len(canvas))` between blocks of work; it may raise to stop.
    Quirk:  `rejected` (canvas_user_id, user_id) pairs are neither proposed nor shown nor counted as rivals.
    """
    told = progress or (lambda _done, _total: None)
    people = _people(canvas, local)
    names = rosters(people.canvas, people.local)
    first = _first_scan(names, len(canvas), told)
    greedy = Greedy(names, _positions(canvas, local, rejected), first)

    def still_there(_rows: int) -> None:
        told(len(canvas), len(canvas))

    if policy is MatchPolicy.SAFE:
        _claim_sure_reasons(people, greedy, still_there)
    greedy.reach(FLOOR, still_there)
    judged = _judged(people, names, greedy, first, policy)
    return _report(policy, _candidates(canvas, local, greedy, RunnerUps(names, first.best), judged))


def _people(canvas: Sequence[CanvasPerson], local: Sequence[LocalPerson]) -> People:
    return People(
        [fold(person.name) for person in canvas],
        [fold(person.name) for person in local],
        [tokens(person.name) for person in canvas],
        [tokens(person.name) for person in local],
        Identifiers(canvas, local),
    )


def _first_scan(names: Rosters, total: int, told: Progress) -> FirstScan:
    rows = len(names.left.texts)
    return first_scan(names, SURE - MARGIN, tick=lambda done: told(done * total // rows, total))


def _positions(
    canvas: Sequence[CanvasPerson], local: Sequence[LocalPerson], rejected: Collection[tuple[str, int]]
) -> set[tuple[int, int]]:
    left = {person.canvas_user_id: at for at, person in enumerate(canvas)}
    right = {person.user_id: at for at, person in enumerate(local)}
    return {(left[a], right[b]) for a, b in rejected if a in left and b in right}


def _claim_sure_reasons(people: People, greedy: Greedy, tick: Callable[[int], None]) -> None:
    """The first three ranks of SAFE; what the greedy reaches down to the floor is the fourth."""
    by_identifier = _scored(people, list(people.identifiers.equal_pairs()))
    for left, right, score in by_identifier:
        if score >= RAISED:
            greedy.claim(left, right, score)
    greedy.reach(SURE, tick)
    index = NameIndex(people.local_words)
    free = (left for left in range(len(people.canvas)) if left not in greedy.partner)
    alike = [(left, right) for left in free for right in index.alike(people.canvas_words[left])]
    for left, right, score in sorted(_scored(people, alike), key=lambda match: (-match[2], match[0], match[1])):
        greedy.claim(left, right, score)


def _scored(people: People, pairs: Sequence[tuple[int, int]]) -> list[Match]:
    scores = exact([people.canvas[i] for i, _ in pairs], [people.local[j] for _, j in pairs])
    return [(i, j, score) for (i, j), score in zip(pairs, scores.tolist(), strict=True)]


def _judged(
    people: People, names: Rosters, greedy: Greedy, first: FirstScan, policy: MatchPolicy
) -> list[tuple[Match, Judged]]:
    """Every pair with its grade, best first, ties in the published order."""
    ranked = sorted(greedy.matches, key=lambda match: (-match[2], match[0], match[1]))
    if policy is MatchPolicy.PUBLISHED:
        return [(match, (published(match[2]), ())) for match in ranked]
    safe = Safe(people, greedy, Margin(names, first.best, first.rivals, SURE - MARGIN))
    return [(match, safe.judge(match)) for match in ranked]


def _candidates(
    canvas: Sequence[CanvasPerson],
    local: Sequence[LocalPerson],
    greedy: Greedy,
    others: RunnerUps,
    judged: Sequence[tuple[Match, Judged]],
) -> list[Candidate]:
    def runner_ups(left: int) -> tuple[RunnerUp, ...]:
        return tuple(RunnerUp(local[right].user_id, score) for right, score in others.of(greedy, left))

    matched = [
        Candidate(canvas[left].canvas_user_id, local[right].user_id, grade, score, reasons, runner_ups(left))
        for (left, right, score), (grade, reasons) in judged
    ]
    alone = [
        Candidate(person.canvas_user_id, None, MatchGrade.UNMATCHED, 0.0, (), runner_ups(left))
        for left, person in enumerate(canvas)
        if left not in greedy.partner
    ]
    return matched + alone


def _report(policy: MatchPolicy, candidates: Sequence[Candidate]) -> Report:
    def bucket(grade: MatchGrade) -> tuple[Candidate, ...]:
        return tuple(candidate for candidate in candidates if candidate.grade is grade)

    return Report(policy, *(bucket(grade) for grade in MatchGrade))
