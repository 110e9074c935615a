"""A report as it stands now, however long it is."""

from __future__ import annotations

import pytest

from domain import facts
from domain.enums import MatchGrade, MatchPolicy
from services.match_lines import Drafts, lines
from services.match_sides import Sides
from services.matching.people import LocalPerson
from services.matching.report import Candidate, Report
from tests.support.turns import watched


def account(number: int) -> str:
    return str(10_000 + number)


def person(id: str) -> facts.Person:
    return facts.Person(id, "Ann Lee", None, None, None, None)


@pytest.mark.usefixtures("calm")
async def test_proposals_that_were_taken_go_among_the_unmatched_in_canvas_s_order_without_holding_the_loop() -> None:
    """20,000 unmatched accounts, and two whose people were linked meanwhile."""
    taken = [
        Candidate(account(n), user, MatchGrade.AUTO_CONFIRMED, score)
        for n, user, score in ((9_999, 1, 1.0), (3, 2, 0.95), (5_000, 3, 0.93))
    ]
    free = tuple(
        Candidate(account(n), None, MatchGrade.UNMATCHED, 0.0) for n in range(20_000) if n not in (9_999, 3, 5_000)
    )
    people = {account(n): (person(account(n)), ("StudentEnrollment",)) for n in range(20_000)}
    sides = Sides([], [LocalPerson(2, "Ann", "Lee")], people, complete=True, fingerprint="")
    async with watched(0) as turns:
        found = await lines(Report(MatchPolicy.SAFE, tuple(taken), (), free), sides, Drafts([]))
    first, *others = found
    assert (first.account.person.id, first.proposal.user_id) == (account(3), 2)
    assert [line.account.person.id for line in others] == [account(n) for n in range(20_000) if n != 3]
    assert {line.proposal.grade for line in others} == {MatchGrade.UNMATCHED}
    assert turns.longest < 0.05
