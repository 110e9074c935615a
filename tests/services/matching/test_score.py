"""The published score is reproduced in every bit (behaviours P-60, D-02)."""

from __future__ import annotations

import pytest

from services.matching.score import alignment, exact, fold, score
from tests.services.matching import golden


def test_every_golden_score_and_alignment_is_equal_in_every_bit() -> None:
    rows = golden.rows("name-scores.csv")
    left, right = [fold(row["left"]) for row in rows], [fold(row["right"]) for row in rows]
    assert len(rows) == 2832
    assert exact(left, right).tolist() == [float(row["score"]) for row in rows]
    assert alignment(left, right).tolist() == [float(row["alignment"]) for row in rows]


def test_one_pair_scores_as_it_does_among_many() -> None:
    rows = golden.rows("name-scores.csv")[::97]
    assert [score(row["left"], row["right"]) for row in rows] == [float(row["score"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("  John SMITH ", "john smith"),
        ("ΝΊΚΟΣ", "νίκοσ"),
        ("İpek", "ipek"),
        ("\u00a0\u3000Ann\u2003", "ann"),
        ("\x1cAnn", "\x1cann"),
        (None, ""),
    ],
)
def test_names_are_folded_rune_by_rune_as_the_original_does(name: str | None, folded: str) -> None:
    assert fold(name) == folded


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Robert Brown", "Roberta Brown", 0.987),
        ("Daniel Martinez", "Daniela Martinez", 0.982),
        ("Michael Johnson", "Michelle Johnson", 0.942),
        ("John Williams", "Joan Williams", 0.938),
        ("John Smith", "Smith John", 0.520),
        ("José Núñez", "Jose Nunez", 0.772),
        ("Robert Smith", "Bob Smith", 0.778),
        ("J Smith", "John Smith", 0.852),
    ],
)
def test_the_names_of_the_behaviours_score_as_measured_there(left: str, right: str, expected: float) -> None:
    assert round(score(left, right), 3) == expected


def test_a_lone_surrogate_in_a_name_is_a_letter_like_any_other() -> None:
    assert score("Ann \ud800", "Ann \ud800") == 1.0
