from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from domain import catalog, matches
from domain.enums import MatchPolicy
from domain.paging import PageRequest
from graph.arguments import AFTER, FIRST
from graph.enums import MatchGrade, SourceState, describe
from graph.execution.batching import Answers, batched
from graph.info import Info
from graph.paging import Connection, page_request
from graph.types.canvas_user import CanvasUser
from graph.types.freshness import SourceStatus
from graph.types.sync_run import SyncRun, sync_run
from graph.types.user import User
from resolvers import matching as resolve
from resolvers import users as resolve_users
from services.match_lines import Line, MatchSort, of_grade
from services.match_reports import View
from services.matching import report

BUCKET = 100
SCORE = "The published name score: 0.6 Jaro-Winkler + 0.4 local alignment, from 0 to 1."

describe(
    MatchSort,
    "How candidates are ordered.",
    {
        "SCORE": "Best score first, as the buckets have them; unmatched ones last, in Canvas's order.",
        "NAME": "By the name in Canvas, A to Z, accents and case ignored.",
    },
)


@strawberry.type(description="One reason for a grade.")
class MatchEvidence:
    code: str = strawberry.field(description="What kind of reason, such as RIVAL or SIS_ID_EQUAL; stable.")
    message: str = strawberry.field(description="A sentence to show.")
    weight: float = strawberry.field(description="From -1, strongly against, to 1, strongly for the pair.")


@strawberry.type(description="Another of our people who comes near.")
class MatchRunnerUp:
    number: strawberry.Private[int]
    score: float = strawberry.field(description=SCORE)

    @batched(description="The person.")
    @staticmethod
    async def user(parents: Sequence[MatchRunnerUp], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.number for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]


@strawberry.type(description="What somebody decided about a pair; see `decideMatch`.")
class MatchDraft:
    row: strawberry.Private[matches.MatchDraft]
    decided_at: datetime = strawberry.field(description="When.")

    @batched(description="The person of ours that was confirmed or rejected.")
    @staticmethod
    async def user(parents: Sequence[MatchDraft], info: Info) -> Answers[User]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.user_id for parent in parents])
        return [User.of(row) if row else resolve_users.gone() for row in found]

    @batched(description="Who decided; null for people out of your scope.")
    @staticmethod
    async def decided_by(parents: Sequence[MatchDraft], info: Info) -> Answers[User | None]:
        found = await resolve_users.users_by_ids(info.context, [parent.row.decided_by_id or 0 for parent in parents])
        return [User.of(row) if row else None for row in found]

    @classmethod
    def of(cls, row: matches.MatchDraft) -> MatchDraft:
        return cls(row=row, decided_at=row.decided_at)


@strawberry.type(description="One Canvas student without a link, and whom they are proposed to be.")
class MatchCandidate:
    proposal: strawberry.Private[report.Candidate]
    canvas_user: CanvasUser = strawberry.field(description="The student in Canvas.")
    grade: MatchGrade = strawberry.field(description="How sure the proposal is.")
    score: float = strawberry.field(description=f"{SCORE} 0 without a proposal.")
    evidence: list[MatchEvidence] = strawberry.field(description="Why the grade is what it is, beside the score.")
    runner_ups: list[MatchRunnerUp] = strawberry.field(description="Up to three others of our people, nearest first.")
    confirmed: MatchDraft | None = strawberry.field(
        description="Who was confirmed for this account and waits to be applied, which need not be the proposal."
    )
    rejected: list[MatchDraft] = strawberry.field(description="Who was rejected for this account, oldest first.")

    @batched(description="The person of ours who is proposed; null for UNMATCHED.")
    @staticmethod
    async def user(parents: Sequence[MatchCandidate], info: Info) -> Answers[User | None]:
        numbers = [parent.proposal.user_id for parent in parents]
        wanted = list({number for number in numbers if number is not None})
        found = dict(zip(wanted, await resolve_users.users_by_ids(info.context, wanted), strict=True))
        rows = [found.get(number) if number is not None else None for number in numbers]
        return [User.of(row) if row else None for row in rows]

    @classmethod
    def of(cls, line: Line) -> MatchCandidate:
        found = line.proposal
        return cls(
            proposal=found,
            canvas_user=CanvasUser.of(line.account),
            grade=found.grade,
            score=found.score,
            evidence=[MatchEvidence(code=e.code, message=e.message, weight=e.weight) for e in found.evidence],
            runner_ups=[MatchRunnerUp(number=other.user_id, score=other.score) for other in found.runner_ups],
            confirmed=MatchDraft.of(line.confirmed) if line.confirmed else None,
            rejected=[MatchDraft.of(row) for row in line.rejected],
        )


@strawberry.type(description="One page of candidates.")
class MatchCandidateConnection(Connection[MatchCandidate]): ...


@strawberry.type(description="How many candidates there are.")
class MatchCounts:
    auto_confirmed: int = strawberry.field(description="In the first bucket.")
    ambiguous: int = strawberry.field(description="In the second.")
    unmatched: int = strawberry.field(description="In the third.")
    decided: int = strawberry.field(
        description="Of all of them: those that somebody confirmed or rejected someone for."
    )


@strawberry.type(
    description="Which of our students is which student in Canvas, worked out from names and identifiers. Reading it links "
    "nobody. Small rosters answer at once; large ones are worked out by a run and kept until a link or a roster changes."
)
class MatchReport:
    view: strawberry.Private[View]
    state: SourceState = strawberry.field(
        description="LOADING: Canvas is being read, or `run` is at work; ask again. STALE: `run` makes a new report, or some "
        "courses could not be read; this one is shown without those who were linked since. FAILED: see `sources` or `run`."
    )
    computed_at: datetime | None = strawberry.field(description="When it was worked out; null while it is not.")
    counts: MatchCounts = strawberry.field(description="All zero while LOADING.")

    @strawberry.field(description="The run that works it out; null where none does, or it is not yours to see.")
    async def run(self, info: Info) -> SyncRun | None:
        return await sync_run(info, self.view.run) if self.view.run else None

    @strawberry.field(description="The first 100 that may be applied without a look at each, best score first.")
    def auto_confirmed(self) -> list[MatchCandidate]:
        return self._bucket(MatchGrade.AUTO_CONFIRMED)

    @strawberry.field(description="The first 100 that somebody has to look at, best score first.")
    def ambiguous(self) -> list[MatchCandidate]:
        return self._bucket(MatchGrade.AMBIGUOUS)

    @strawberry.field(description="The first 100 that are nobody of ours, in Canvas's order.")
    def unmatched(self) -> list[MatchCandidate]:
        return self._bucket(MatchGrade.UNMATCHED)

    @strawberry.field(description="All of them, page by page.")
    async def candidates(
        self,
        grade: Annotated[MatchGrade | None, strawberry.argument(description="Only of this grade.")] = None,
        first: Annotated[int | None, FIRST] = 25,
        after: Annotated[str | None, AFTER] = None,
        sort: Annotated[MatchSort | None, strawberry.argument(description="The order; SCORE when left out.")] = None,
    ) -> MatchCandidateConnection | None:
        request: PageRequest = page_request(first, after)
        page = await resolve.candidates(self.view.lines, grade, sort or MatchSort.SCORE, request)

        async def status() -> Sequence[catalog.SourceStatus]:
            return self.view.sources

        return MatchCandidateConnection.page(page, MatchCandidate.of, status)

    @strawberry.field(description="The Canvas instance's part in it: courses expected, and rosters read.")
    def sources(self) -> list[SourceStatus]:
        return [SourceStatus.of(row) for row in self.view.sources]

    def _bucket(self, grade: MatchGrade) -> list[MatchCandidate]:
        return [MatchCandidate.of(line) for line in of_grade(self.view.lines, grade)[:BUCKET]]

    @classmethod
    def of(cls, view: View) -> MatchReport:
        sizes = {grade: len(of_grade(view.lines, grade)) for grade in MatchGrade}
        counts = MatchCounts(
            auto_confirmed=sizes[MatchGrade.AUTO_CONFIRMED],
            ambiguous=sizes[MatchGrade.AMBIGUOUS],
            unmatched=sizes[MatchGrade.UNMATCHED],
            decided=sum(line.is_decided for line in view.lines),
        )
        return cls(view=view, state=view.state, computed_at=view.computed_at, counts=counts)


async def match_report(
    info: Info, provider: int, facility: int | None, policy: MatchPolicy | None
) -> MatchReport | None:
    """The report as the viewer may see it."""
    view = await resolve.match_report(info.context, provider, facility, policy)
    return MatchReport.of(view) if view else None
