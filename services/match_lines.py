"""A report as its reader sees it now: without people who were linked meanwhile, and with what was decided."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from heapq import merge

import msgspec

from canvas.payloads import id_order
from domain.enums import MatchDecision, MatchGrade
from domain.matches import MatchDraft
from domain.names import fold
from domain.paging import Key, Page, PageRequest, cut
from services.canvas_users import CanvasUser
from services.match_sides import Sides
from services.matching.report import Candidate, Report
from services.pacing import paced

Pair = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One Canvas person: the proposal, who was confirmed for them, and who was rejected."""

    account: CanvasUser
    proposal: Candidate
    confirmed: MatchDraft | None
    rejected: tuple[MatchDraft, ...]

    @property
    def is_decided(self) -> bool:
        return self.confirmed is not None or bool(self.rejected)

    @property
    def key(self) -> Key:
        """The order of the report, best score first and then Canvas's, the same in every version of it."""
        order = id_order(self.account.person.id)
        tie = f"{order[1]:024d}" if order[0] == 0 else f"~{order[1]}"
        bits = int.from_bytes(
            struct.pack(">d", self.proposal.score), "big"
        )  # Positive floats are ordered as their bits.
        return f"{tuple(MatchGrade).index(self.proposal.grade)}{2**63 - bits:019d}", tie


class Drafts:
    """What was decided for a provider, by account and by person."""

    def __init__(self, drafts: Iterable[MatchDraft]) -> None:
        self.confirmed: dict[str, MatchDraft] = {}
        self.pending: dict[int, str] = {}
        self.rejected: defaultdict[str, list[MatchDraft]] = defaultdict(list)
        for draft in drafts:
            if draft.decision is MatchDecision.CONFIRMED:
                self.confirmed[draft.canvas_user_id] = draft
                self.pending[draft.user_id] = draft.canvas_user_id
            else:
                self.rejected[draft.canvas_user_id].append(draft)

    @cached_property
    def rejected_pairs(self) -> frozenset[Pair]:
        return frozenset((account, draft.user_id) for account, drafts in self.rejected.items() for draft in drafts)

    def keeps(self, user_id: int, account: str) -> bool:
        """Whether a person may be proposed for an account: not rejected, and not waiting for another account."""
        return self.pending.get(user_id, account) == account and (account, user_id) not in self.rejected_pairs


async def lines(report: Report, sides: Sides, drafts: Drafts) -> list[Line]:
    """The report's candidates in its order, as they stand now.

    Shape:  without accounts that were linked, or confirmed for people out of scope, since; a proposal that was taken or
            rejected is UNMATCHED; nobody is a runner-up who is linked or waits for another account (AC-07).
    """
    matched: list[Line] = []
    alone: list[Line] = []
    moved: list[Line] = []
    async for candidate in paced(report.candidates):
        account = sides.accounts.get(candidate.canvas_user_id)
        confirmed = drafts.confirmed.get(candidate.canvas_user_id)
        if account is None or (confirmed is not None and not confirmed.in_scope):
            continue
        rejected = tuple(draft for draft in drafts.rejected.get(candidate.canvas_user_id, ()) if draft.in_scope)
        shown = _now(candidate, sides.user_ids, drafts)
        side = moved if shown.grade is not candidate.grade else alone if candidate.user_id is None else matched
        side.append(Line(CanvasUser(*account, None), shown, confirmed, rejected))
    return matched + (await _in_order(moved, alone) if moved else alone)


async def _in_order(moved: Sequence[Line], alone: Sequence[Line]) -> list[Line]:
    """Both in Canvas's order, which `alone` is in already."""

    def key(line: Line) -> Key:
        return line.key

    return [line async for line in paced(merge(sorted(moved, key=key), alone, key=key))]


def _now(candidate: Candidate, free: Collection[int], drafts: Drafts) -> Candidate:
    account, user = candidate.canvas_user_id, candidate.user_id
    near = tuple(
        other for other in candidate.runner_ups if other.user_id in free and drafts.keeps(other.user_id, account)
    )
    if user is not None and not (user in free and drafts.keeps(user, account)):
        return Candidate(account, None, MatchGrade.UNMATCHED, 0.0, (), near)
    return candidate if near == candidate.runner_ups else msgspec.structs.replace(candidate, runner_ups=near)


class MatchSort(Enum):
    """How candidates are ordered: as the report has them, or by the name in Canvas."""

    SCORE = "score"
    NAME = "name"


async def page(found: Sequence[Line], grade: MatchGrade | None, sort: MatchSort, request: PageRequest) -> Page[Line]:
    """One page of the lines, or of one bucket, in that order."""
    wanted = found if grade is None else of_grade(found, grade)
    if sort is MatchSort.NAME:
        keyed = [((fold(line.account.person.name or ""), line.key[1]), line) async for line in paced(wanted)]
        return cut(keyed, lambda pair: pair[0], request).map(lambda pairs: [line for _, line in pairs])
    start = bisect_right(wanted, request.after, key=lambda line: line.key) if request.after is not None else 0
    shown = wanted[start : start + request.first]
    keys = [line.key for line in shown]
    return Page(shown, keys, start + len(shown) < len(wanted), start > 0, len(wanted))


def of_grade(found: Sequence[Line], grade: MatchGrade) -> list[Line]:
    """One bucket."""
    return [line for line in found if line.proposal.grade is grade]
