"""Short ways to write rosters down."""

from __future__ import annotations

from collections.abc import Sequence

from domain.enums import MatchGrade, MatchPolicy
from services.matching.build import build_report
from services.matching.people import CanvasPerson, LocalPerson
from services.matching.report import Candidate, Report


def canvas(*names: str | None) -> list[CanvasPerson]:
    return [CanvasPerson(str(number), name) for number, name in enumerate(names, start=1)]


def local(*names: tuple[str, str]) -> list[LocalPerson]:
    return [LocalPerson(number, *name) for number, name in enumerate(names, start=1)]


def safe(
    theirs: Sequence[CanvasPerson], ours: Sequence[LocalPerson], rejected: Sequence[tuple[str, int]] = ()
) -> Report:
    return build_report(theirs, ours, MatchPolicy.SAFE, rejected=rejected)


def only(theirs: CanvasPerson, ours: LocalPerson) -> Candidate:
    """The candidate of a roster of one on each side."""
    (candidate,) = safe([theirs], [ours]).candidates
    return candidate


def pairs(report: Report) -> list[tuple[str, int | None]]:
    return [(candidate.canvas_user_id, candidate.user_id) for candidate in report.candidates]


def codes(candidate: Candidate) -> list[str]:
    return [reason.code for reason in candidate.evidence]


def grade(candidate: Candidate) -> tuple[MatchGrade, list[str]]:
    return candidate.grade, codes(candidate)
