"""SAFE weighs evidence beside the score (behaviours D-02, W-19, section 2)."""

from __future__ import annotations

import pytest

from benchmarks.matching_quality import common_names, made_up
from domain.enums import MatchGrade
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.score import score
from tests.services.matching.people import canvas, codes, grade, local, only, pairs, safe

AUTO, REVIEW, NOBODY = MatchGrade.AUTO_CONFIRMED, MatchGrade.AMBIGUOUS, MatchGrade.UNMATCHED


@pytest.mark.parametrize(("theirs", "ours"), [
    ("Tobias Wren", ("Tobias", "Wren")),
    ("  tobias WREN ", ("Tobias", "Wren")),
    ("Tobias Wrenn", ("Tobias", "Wren")),
])  # fmt: skip
def test_a_distinctive_name_alone_is_confirmed(theirs: str, ours: tuple[str, str]) -> None:
    candidate = only(CanvasPerson("1", theirs), LocalPerson(1, *ours))
    assert grade(candidate) == (AUTO, [])


@pytest.mark.parametrize(("theirs", "ours"), [
    ("Robert Brown", ("Roberta", "Brown")),
    ("Daniel Martinez", ("Daniela", "Martinez")),
    ("Michael Johnson", ("Michelle", "Johnson")),
    ("John Williams", ("Joan", "Williams")),
])  # fmt: skip
def test_near_twins_are_two_people_until_somebody_looks(theirs: str, ours: tuple[str, str]) -> None:
    candidate = only(CanvasPerson("1", theirs), LocalPerson(1, *ours))
    assert candidate.score >= 0.9
    assert grade(candidate) == (REVIEW, ["NOT_DISTINCTIVE"])


@pytest.mark.parametrize(("theirs", "ours", "reasons"), [
    ("Smith John", ("John", "Smith"), ["SWAPPED_ORDER"]),
    ("Smith, John", ("John", "Smith"), ["SWAPPED_ORDER"]),
    ("José Núñez", ("Jose", "Nunez"), ["ACCENTS"]),
    ("Bob Smith", ("Robert", "Smith"), ["NICKNAME"]),
    ("J Smith", ("John", "Smith"), ["INITIAL"]),
    ("Maria del Carmen Ruiz", ("Maria", "Ruiz"), ["MISSING_MIDDLE"]),
    ("Bob J. Smith", ("Robert", "Smith"), ["NICKNAME", "MISSING_MIDDLE"]),
])  # fmt: skip
def test_evidence_in_the_name_sends_a_low_score_to_review(
    theirs: str, ours: tuple[str, str], reasons: list[str]
) -> None:
    candidate = only(CanvasPerson("1", theirs), LocalPerson(1, *ours))
    assert candidate.score < 0.9
    assert grade(candidate) == (REVIEW, reasons)
    assert all(reason.weight > 0 for reason in candidate.evidence)


def test_evidence_in_the_name_raises_even_a_score_under_a_half() -> None:
    candidate = only(CanvasPerson("1", "Kent Mary"), LocalPerson(1, "Mary", "Kent"))
    assert candidate.score == score("Kent Mary", "Mary Kent")
    assert candidate.score < 0.5
    assert grade(candidate) == (REVIEW, ["SWAPPED_ORDER"])


def test_evidence_in_the_name_outranks_a_mere_likeness() -> None:
    report = safe(canvas("Smith John"), local(("Smitty", "Joan"), ("John", "Smith")))
    (candidate,) = report.ambiguous
    assert (candidate.user_id, codes(candidate)) == (2, ["SWAPPED_ORDER"])
    assert [near.user_id for near in candidate.runner_ups] == [1]
    assert candidate.runner_ups[0].score > candidate.score


def test_a_runner_up_among_our_people_sends_both_readings_to_review() -> None:
    report = safe(canvas("Tobias Wren"), local(("Tobias", "Wren"), ("Tobias", "Wrenn")))
    (candidate,) = report.candidates
    assert candidate.user_id == 1
    assert candidate.grade is REVIEW
    assert "RUNNER_UP" in codes(candidate)


def test_a_runner_up_in_canvas_sends_a_pair_to_review() -> None:
    report = safe(canvas("Tobias Wrenn", "Tobias Wren"), local(("Tobias", "Wren")))
    (candidate,) = report.ambiguous
    assert (candidate.canvas_user_id, codes(candidate)) == ("2", ["RUNNER_UP"])
    assert [c.canvas_user_id for c in report.unmatched] == ["1"]


@pytest.mark.parametrize(("theirs", "ours"), [
    ("Constantin Alexandrescu X", ("Constantin", "Alexandrescu Q")),
    ("Ximena Quispe Lopez", ("Ximena", "Quispe")),
])  # fmt: skip
def test_names_alike_but_for_a_wholly_different_last_word_need_a_look(theirs: str, ours: tuple[str, str]) -> None:
    candidate = only(CanvasPerson("1", theirs), LocalPerson(1, *ours))
    assert candidate.score >= 0.9
    assert grade(candidate) == (REVIEW, ["NOT_DISTINCTIVE"])


def test_namesakes_are_never_told_apart_by_name() -> None:
    report = safe(canvas("Tobias Wren"), local(("Tobias", "Wren"), ("Tobias", "Wren")))
    (candidate,) = report.candidates
    assert candidate.grade is REVIEW
    assert "RUNNER_UP" in codes(candidate)


def test_a_rejected_pair_is_neither_proposed_nor_a_rival_nor_shown() -> None:
    report = safe(canvas("Tobias Wren"), local(("Tobias", "Wren"), ("Tobias", "Wren")), [("1", 1)])
    (candidate,) = report.candidates
    assert (candidate.user_id, candidate.runner_ups) == (2, ())
    assert grade(candidate) == (AUTO, [])


@pytest.mark.parametrize("name", ["Cher", "Ng", "", None])
def test_one_word_and_empty_names_are_never_confirmed_by_name(name: str | None) -> None:
    candidate = only(CanvasPerson("1", name), LocalPerson(1, name or "", ""))
    assert grade(candidate) == (REVIEW, ["NOT_DISTINCTIVE"])


def test_a_common_name_is_not_distinctive_in_a_large_roster_and_a_rare_one_is() -> None:
    given, families = (
        ("Ann", "Joe", "Lee", "Max"),
        [f"{a}{b}{c}" for a in "BDKLM" for b in "aeiou" for c in ("ck", "dd", "lm", "rn")],
    )
    crowd = [(first, last) for first in given for last in families]
    ours = [*crowd[::2], ("Ann", "Back"), ("Xiadani", "Quetzalcoatl")]
    theirs = [" ".join(name) for name in (*crowd[1::2], ("Ann", "Back"), ("Xiadani", "Quetzalcoatl"))]
    report = safe(canvas(*theirs), local(*ours))
    rare = next(c for c in report.candidates if c.canvas_user_id == str(len(theirs)))
    assert (rare.user_id, grade(rare)) == (len(ours), (AUTO, []))
    assert [c.canvas_user_id for c in report.auto_confirmed] == [rare.canvas_user_id]


# ── identifiers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("theirs", "ours", "code"), [
    (CanvasPerson("1", "T Wren", sis_user_id="D-17"), LocalPerson(1, "Tobias", "Wrenn", doc_id=" d-17 "), "SIS_ID_EQUAL"),
    (CanvasPerson("1", "T Wren", login_id="twren"), LocalPerson(1, "Tobias", "Wrenn", username="TWren"), "LOGIN_EQUAL"),
    (CanvasPerson("1", "T Wren", email="T@x.org"), LocalPerson(1, "Tobias", "Wrenn", email="t@x.org"), "EMAIL_EQUAL"),
])  # fmt: skip
def test_an_equal_unique_identifier_confirms_a_weak_name(theirs: CanvasPerson, ours: LocalPerson, code: str) -> None:
    candidate = only(theirs, ours)
    assert 0.3 <= candidate.score < 0.9
    assert grade(candidate) == (AUTO, [code])


def test_an_equal_identifier_confirms_near_twins_and_namesakes() -> None:
    theirs = [CanvasPerson("1", "Robert Brown", sis_user_id="A"), CanvasPerson("2", "Roberta Brown", sis_user_id="B")]
    ours = [LocalPerson(1, "Roberta", "Brown", doc_id="B"), LocalPerson(2, "Roberta", "Brown", doc_id="A")]
    report = safe(theirs, ours)
    assert pairs(report) == [("2", 1), ("1", 2)]
    assert [grade(c) for c in report.candidates] == [(AUTO, ["SIS_ID_EQUAL"])] * 2


def test_an_equal_identifier_is_not_enough_under_three_tenths() -> None:
    theirs, ours = (
        CanvasPerson("1", "Zoltan Quist", sis_user_id="A"),
        LocalPerson(1, "Bebe", "Cry", doc_id="A"),
    )
    assert grade(only(theirs, ours)) == (NOBODY, [])


@pytest.mark.parametrize(("theirs", "ours", "code"), [
    (CanvasPerson("1", "Tobias Wren", sis_user_id="A"), LocalPerson(1, "Tobias", "Wren", doc_id="B"), "SIS_ID_DIFFERENT"),
    (CanvasPerson("1", "Tobias Wren", login_id="a"), LocalPerson(1, "Tobias", "Wren", username="b"), "LOGIN_DIFFERENT"),
    (CanvasPerson("1", "Tobias Wren", email="a@x"), LocalPerson(1, "Tobias", "Wren", email="b@x"), "EMAIL_DIFFERENT"),
])  # fmt: skip
def test_a_disagreeing_identifier_sends_an_equal_name_to_review(
    theirs: CanvasPerson, ours: LocalPerson, code: str
) -> None:
    candidate = only(theirs, ours)
    assert candidate.score == 1.0
    assert grade(candidate) == (REVIEW, [code])


def test_identifiers_that_contradict_each_other_confirm_nothing() -> None:
    theirs = CanvasPerson("1", "Tobias Wren", email="a@x", sis_user_id="A")
    ours = LocalPerson(1, "Tobias", "Wren", doc_id="A", email="b@x")
    assert grade(only(theirs, ours)) == (REVIEW, ["SIS_ID_EQUAL", "EMAIL_DIFFERENT"])


def test_an_identifier_borne_twice_on_a_side_says_nothing() -> None:
    theirs = [CanvasPerson("1", "Tobias Wren", email="office@x"), CanvasPerson("2", "Mira Okafor", email="office@x")]
    report = safe(
        theirs, [LocalPerson(1, "T", "Wrenn", email="office@x"), LocalPerson(2, "Mira", "Okafor", email="m@x")]
    )
    assert [(c.canvas_user_id, *grade(c)) for c in report.candidates] == [("2", AUTO, []), ("1", REVIEW, [])]


def test_an_identifier_of_somebody_else_lowers_an_equal_name() -> None:
    theirs = [CanvasPerson("1", "Tobias Wren", sis_user_id="A")]
    ours = [LocalPerson(1, "Tobias", "Wren"), LocalPerson(2, "Duc", "Phuc", doc_id="A")]
    report = safe(theirs, ours)
    assert [(c.user_id, *grade(c)) for c in report.candidates] == [(1, REVIEW, ["SIS_ID_ELSEWHERE"])]


def test_logins_that_never_agree_are_no_shared_identifier_but_sis_ids_are() -> None:
    families = [
        f"{a}{b}" for a in ("Quin", "Bald", "Verk", "Zost", "Hjem") for b in ("ault", "omir", "ensk", "ukko", "yala")
    ]
    given = [f"{a}{b}" for a in ("Aiz", "Bex", "Cyr", "Dov", "Eil") for b in ("uda", "omi", "ane", "ikk", "ers")]
    people = list(zip(given, families[::-1], strict=True))
    by_login = safe(
        [CanvasPerson(str(n), f"{a} {b}", login_id=f"{n}@uni") for n, (a, b) in enumerate(people)],
        [LocalPerson(n, a, b, username=f"user{n}") for n, (a, b) in enumerate(people)],
    )
    by_number = safe(
        [CanvasPerson(str(n), f"{a} {b}", sis_user_id=f"S{n}") for n, (a, b) in enumerate(people)],
        [LocalPerson(n, a, b, doc_id=f"D{n}") for n, (a, b) in enumerate(people)],
    )
    assert (by_login.counts.auto_confirmed, by_number.counts.auto_confirmed) == (25, 0)
    assert [c.user_id for c in by_number.ambiguous] == list(range(25))


def test_no_reason_holds_anybodys_name_or_number() -> None:
    theirs = [CanvasPerson("1", "Tobias Wren", "login-1", "mail-1@x", "sis-1")]
    ours = [
        LocalPerson(7, "Tobias", "Wren", "user-7", "doc-7", "mail-7@x"),
        LocalPerson(8, "Duc", "Phuc", email="mail-1@x"),
    ]
    (candidate,) = safe(theirs, ours).candidates
    said = " ".join(reason.message for reason in candidate.evidence).lower()
    assert len(candidate.evidence) >= 2
    assert not [
        word
        for word in ("tobias", "wren", "login-1", "mail", "sis-1", "user-7", "doc-7")
        if word in said.replace("e-mail", "")
    ]


def test_nobody_of_ours_is_proposed_twice() -> None:
    theirs = [
        CanvasPerson("1", "Bob Smith", email="a@x"),
        CanvasPerson("2", "Robert Smith", sis_user_id="A"),
        CanvasPerson("3", "Smith Robert"),
        CanvasPerson("4", "R Smith"),
    ]
    report = safe(
        theirs, [LocalPerson(1, "Robert", "Smith", doc_id="A", email="a@x"), LocalPerson(2, "Bobby", "Smith")]
    )
    users = [c.user_id for c in report.candidates if c.user_id is not None]
    assert sorted(users) == [1, 2]
    assert [c.canvas_user_id for c in report.candidates if c.user_id == 1] == ["2"]


# ── the roster as a whole ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [100, 300])
def test_strangers_are_not_confirmed_and_sure_people_are(size: int) -> None:
    """Behaviours section 2: published, 1.7 % and 3.3 % of strangers are falsely confirmed."""
    strangers = made_up(size, 0.0, 7, common_names, ids=False)
    both = made_up(size, 0.8, 7, common_names, ids=True)
    assert safe(strangers.canvas, strangers.local).counts.auto_confirmed == 0
    auto = safe(both.canvas, both.local).auto_confirmed
    assert len(auto) >= 0.85 * len(both.truth)
    assert [c for c in auto if both.truth.get(c.canvas_user_id) != c.user_id] == []
