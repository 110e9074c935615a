"""What prunes never prunes wrongly: no bound is under the score, and every rival is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import MatchGrade
from services.matching.bounds import SLACK, block, estimates
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.roster import rosters
from services.matching.scan import first_scan
from services.matching.score import exact, fold, score
from tests.services.matching.people import codes, safe

letters = st.one_of(st.text("abc ", max_size=60), st.text("aáяあ-' İΣ", max_size=30), st.text(max_size=12))
sides = st.lists(letters, min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(sides, sides)
def test_no_bound_is_under_the_score_and_the_estimate_is_the_score(left: list[str], right: list[str]) -> None:
    names = rosters([fold(name) for name in left], [fold(name) for name in right])
    rows, cols = np.arange(len(names.left.texts), dtype=np.int32), np.arange(len(names.right.texts), dtype=np.int32)
    winkler, bound = block(names, rows, cols, 0.0)
    i, j = (part.ravel().astype(np.int32) for part in np.meshgrid(rows, cols, indexing="ij"))
    scores = exact([names.left.texts[k] for k in i], [names.right.texts[k] for k in j])
    assert (bound.ravel() >= scores - SLACK).all()
    assert (np.abs(estimates(names, i, j, winkler.ravel()) - scores) <= SLACK).all()
    for low in (0.5, 0.85, 0.97):
        cut = block(names, rows, cols, low)[1].ravel()
        assert (cut[scores >= low] >= low - SLACK).all()


def test_however_alike_all_names_are_only_a_few_of_each_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 numbered accounts a side: each of the 90,000 pairs scores 0.85 or more."""
    for name, size in {"FEW": 500, "BLOCK": 4000, "MOST": 2000}.items():
        monkeypatch.setattr(f"services.matching.scan.{name}", size)
    names = rosters([f"student {n}" for n in range(100, 400)], [f"student {n}" for n in range(500, 800)])
    first = first_scan(names, 0.85, tick=lambda _: None)
    assert (len(first.best.rows), len(first.rivals.rows)) == (6 * 300, 6 * 300)
    assert len(first.near.rows) <= 2 * 2000
    assert {np.bincount(first.rivals.cols).tolist()[n] for n in range(300)} == {6}


word = st.sampled_from(("Tobias", "Tobia", "Tobiah", "Wren", "Wrenn", "Wrenne", "Mira", "Okafor", "Quispe", "Quispé"))
people = st.lists(st.tuples(word, word), min_size=1, max_size=14)
refusals = st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14)), max_size=10)


@settings(max_examples=80, deadline=None)
@given(people, people, refusals)
@pytest.mark.parametrize("few", [600_000, 10])
@pytest.mark.parametrize("best", [6, 1])
def test_a_sure_pair_is_doubted_exactly_where_another_comes_within_the_margin(
    best: int, few: int, left: list[tuple[str, str]], right: list[tuple[str, str]], refused: set[tuple[int, int]]
) -> None:
    theirs = [CanvasPerson(str(n), " ".join(name)) for n, name in enumerate(left, start=1)]
    ours = [LocalPerson(n, *name) for n, name in enumerate(right, start=1)]
    rejected = [(str(a), b) for a, b in refused]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.matching.scan.FEW", few)
        patch.setattr("services.matching.scan.BLOCK", few // 2)
        for module in ("scan", "rivals"):
            patch.setattr(f"services.matching.{module}.BEST", best)
        report = safe(theirs, ours, rejected)
    every = {
        (a.canvas_user_id, b.user_id): score(a.name, b.name)
        for a in theirs
        for b in ours
        if (a.canvas_user_id, b.user_id) not in set(rejected)
    }
    for candidate in (one for one in report.candidates if one.score >= 0.9):
        mine = candidate.canvas_user_id, candidate.user_id
        near = any(
            other != mine and reached >= candidate.score - 0.05 and (other[0] == mine[0] or other[1] == mine[1])
            for other, reached in every.items()
        )
        assert ("RUNNER_UP" in codes(candidate)) is near
        assert not (near and candidate.grade is MatchGrade.AUTO_CONFIRMED)
