"""PUBLISHED is the published matcher: greedy, one to one, by score alone (behaviours P-61, D-02)."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import MatchGrade, MatchPolicy
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.report import decode, encode
from services.matching.score import exact, fold, score
from tests.services.matching import golden
from tests.services.matching.people import canvas, local

WORDS = ("ann", "anna", "ANN", "lee", "leé", "Smith", "smyth", "ΣΊΣ", "İz", "山田", "o'neil", "de la", "", "  ", "b")
word = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
names = st.one_of(st.none(), word, st.builds("{} {}".format, word, word))


def oracle(
    theirs: list[CanvasPerson], ours: list[LocalPerson], rejected: frozenset[tuple[str, int]]
) -> list[tuple[str, int, float]]:
    """Score all pairs, sort them, take them."""
    every = list(product(range(len(theirs)), range(len(ours))))
    scores = exact([fold(theirs[i].name) for i, _ in every], [fold(ours[j].name) for _, j in every]).tolist()
    taken: list[tuple[str, int, float]] = []
    left, right = set[int](), set[int]()
    for reached, (i, j) in sorted(zip(scores, every, strict=True), key=lambda scored: (-scored[0], scored[1])):
        pair = theirs[i].canvas_user_id, ours[j].user_id
        if reached >= 0.5 and i not in left and j not in right and pair not in rejected:
            left.add(i)
            right.add(j)
            taken.append((*pair, reached))
    return taken


SIZES = {"scan.FEW": 8, "scan.BLOCK": 5, "scan.MOST": 3, "greedy.WINDOW": 2, "greedy.SLACK": 0.02}
"""So little is looked at together, and estimates are trusted so little, that small rosters take every turn of large ones."""


@pytest.mark.parametrize("sizes", [{}, SIZES], ids=["one scan", "many scans"])
@settings(max_examples=150, deadline=None)
@given(
    st.lists(names, max_size=25),
    st.lists(st.tuples(word, word), max_size=25),
    st.sets(st.tuples(st.integers(1, 25), st.integers(1, 25)), max_size=40),
)
def test_the_result_is_that_of_scoring_all_pairs(
    sizes: dict[str, float], left: list[str | None], right: list[tuple[str, str]], refused: set[tuple[int, int]]
) -> None:
    theirs, ours = canvas(*left), local(*right)
    rejected = frozenset((str(i), j) for i, j in refused)
    with pytest.MonkeyPatch.context() as patch:
        for name, size in sizes.items():
            patch.setattr(f"services.matching.{name}", size)
        report = build_report(theirs, ours, MatchPolicy.PUBLISHED, rejected=rejected)
    found = [(c.canvas_user_id, c.user_id, c.score) for c in (*report.auto_confirmed, *report.ambiguous)]
    assert found == oracle(theirs, ours, rejected)
    assert all(c.score >= 0.9 for c in report.auto_confirmed)
    assert all(c.score < 0.9 for c in report.ambiguous)
    assert sorted(c.canvas_user_id for c in report.candidates) == sorted(p.canvas_user_id for p in theirs)


def test_the_golden_result_of_2000_is_equal_in_pairs_scores_and_order() -> None:
    theirs = canvas(*golden.lines("match-2000-left.txt"))
    ours = local(*((name, "") for name in golden.lines("match-2000-right.txt")))
    report = build_report(theirs, ours, MatchPolicy.PUBLISHED)
    found = [
        (int(c.canvas_user_id) - 1, (c.user_id or 0) - 1, c.score) for c in (*report.auto_confirmed, *report.ambiguous)
    ]
    expected = [
        (int(row["left_index"]), int(row["right_index"]), float(row["score"]))
        for row in golden.rows("match-2000-pairs.csv")
    ]
    assert len(expected) == 1979
    assert found == expected
    assert all(candidate.evidence == () for candidate in report.candidates)


def test_people_who_share_one_name_are_paired_in_their_order() -> None:
    report = build_report(canvas(*["Ann Lee"] * 400), local(*[("Ann", "Lee")] * 300), MatchPolicy.PUBLISHED)
    assert [(c.canvas_user_id, c.user_id) for c in report.auto_confirmed] == [(str(n), n) for n in range(1, 301)]
    assert report.counts.unmatched == 100


def test_the_thresholds_compare_the_unrounded_score() -> None:
    rows = golden.rows("name-scores.csv")
    for low, above, below in (
        (0.9, MatchGrade.AUTO_CONFIRMED, MatchGrade.AMBIGUOUS),
        (0.5, MatchGrade.AMBIGUOUS, MatchGrade.UNMATCHED),
    ):
        close = sorted(rows, key=lambda row: abs(float(row["score"]) - low))[:40]
        for row in close:
            (candidate,) = build_report(
                canvas(row["left"]), local((row["right"], "")), MatchPolicy.PUBLISHED
            ).candidates
            assert candidate.grade is (above if float(row["score"]) >= low else below)


def test_unmatched_people_have_no_user_a_score_of_0_and_at_most_three_near_misses() -> None:
    ours = local(("Mo", "Diaz"), ("Bebe", "Cry"), ("Zed", "Quo"), ("Zoe", "Qua"), ("", ""))
    (candidate,) = build_report(
        canvas("Zoltan Quist"), ours, MatchPolicy.SAFE, rejected=[("1", 4), ("1", 3)]
    ).candidates
    assert (candidate.user_id, candidate.score, candidate.grade) == (None, 0.0, MatchGrade.UNMATCHED)
    assert [(near.user_id, near.score) for near in candidate.runner_ups] == [
        (1, score("Zoltan Quist", "Mo Diaz")),
        (2, score("Zoltan Quist", "Bebe Cry")),
    ]


def test_the_three_runner_ups_are_the_nearest_others_scored_exactly() -> None:
    theirs = canvas(*golden.lines("match-2000-left.txt")[:300])
    ours = local(*((name, "") for name in golden.lines("match-2000-right.txt")[:300]))
    report = build_report(theirs, ours, MatchPolicy.PUBLISHED)
    for candidate in report.candidates[::10]:
        name = theirs[int(candidate.canvas_user_id) - 1].name
        scores = [(-score(name, person.name), person.user_id) for person in ours if person.user_id != candidate.user_id]
        assert [(-near.score, near.user_id) for near in candidate.runner_ups] == sorted(scores)[:3]


def test_rosters_too_large_for_one_scan_give_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"scan.FEW": 500, "scan.BLOCK": 4000, "scan.MOST": 2000, "greedy.WINDOW": 50, "greedy.SLACK": 0.005}
    for name, size in sizes.items():
        monkeypatch.setattr(f"services.matching.{name}", size)
    random = Random(4)
    parts = [a + b for a in "bdgklmnrstz" for b in "aeiou"]
    made = ["".join(random.choices(parts, k=2)) + " " + "".join(random.choices(parts, k=3)) for _ in range(440)]
    theirs, ours = canvas(*made[:220], *made[:20]), local(*((name, "") for name in made[200:]))
    report = build_report(theirs, ours, MatchPolicy.PUBLISHED)
    found = [(c.canvas_user_id, c.user_id, c.score) for c in (*report.auto_confirmed, *report.ambiguous)]
    assert found == oracle(theirs, ours, frozenset())
    assert len(found) > 200


@pytest.mark.parametrize("first", [100, 500])
def test_numbered_accounts_that_are_all_alike_give_the_same_result(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """Every pair scores 0.85 or more: the worst for pruning."""
    for name, size in {"scan.FEW": 500, "scan.BLOCK": 4000, "scan.MOST": 2000, "greedy.WINDOW": 300}.items():
        monkeypatch.setattr(f"services.matching.{name}", size)
    theirs = canvas(*(f"Student {number}" for number in range(100, 280)))
    ours = local(*(("Student", str(number)) for number in range(first, first + 180)))
    report = build_report(theirs, ours, MatchPolicy.PUBLISHED)
    found = [(c.canvas_user_id, c.user_id, c.score) for c in report.candidates if c.user_id is not None]
    assert found == oracle(theirs, ours, frozenset())
    assert len(found) == 180


def test_a_report_survives_being_packed() -> None:
    report = build_report(canvas("Ann Lee", None), local(("Ann", "Lee"), ("Bo", "Ray")), MatchPolicy.SAFE)
    assert decode(encode(report)) == report
