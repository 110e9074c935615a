"""Applying a match report: the first bucket, what was confirmed, an explicit list, and people to create (D-03, P-64)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from db.models import MatchApplication
from db.queries import matching
from domain.enums import MatchDecision, MatchGrade, MatchOutcomeKind, MatchPolicy, Role, SyncKind
from domain.matches import ReportKey
from domain.problems import InvalidInput, Problem
from domain.refs import MatchApplicationRef, SyncRunRef
from services import audit, canvas_users, logins, runs
from services.access import require_role
from services.link_restoring import open_application
from services.linking import unavailable
from services.match_lines import of_grade
from services.match_linking import CHUNK, Batch, Outcome, Pair, Within, link_chunk
from services.match_reports import View, match_report, report_key
from services.match_sides import provider_for
from services.operation import Operation
from services.people_from_canvas import NewPerson, create_person
from services.writing import writing

INLINE = 500
"""Pairs that are linked while the caller waits; more are linked by a run."""
MOST_CREATED = 100
MOST_LISTED = 5_000
_CHANGES = (MatchOutcomeKind.LINKED, MatchOutcomeKind.CREATED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to apply. `drafts`: every confirmation in the viewer's scope; `create` in the order given."""

    facility: int | None = None
    policy: MatchPolicy | None = None
    auto_confirmed: bool = False
    drafts: bool = False
    pairs: Sequence[Pair] = ()
    create: Sequence[NewPerson] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """`run` links the pairs, and `outcomes` tells of created people alone, where there are too many to wait for."""

    application: MatchApplicationRef | None
    outcomes: list[Outcome] = field(default_factory=list)
    run: SyncRunRef | None = None


async def apply_matches(op: Operation, provider: int, wanted: Wanted) -> Applied:
    """Link and create in one step. What was done before is done: a second call changes nothing more.

    Shape:  one outcome per item; an item that fails stops no other.
    Errors: NotAllowed for students; NotFound; InvalidInput; UpstreamUnavailable while not every student is known.
    """
    require_role(op.scope, Role.FACILITY_ADMIN, "apply matches")
    _check(wanted)
    key = await report_key(op, provider, wanted.facility, wanted.policy)
    batch_of = await accounts_of(op, key)
    pairs = await gather(op, key, wanted)
    if not (pairs is None or pairs or wanted.create):
        return Applied(None)
    application = await _open(op, key)
    outcomes: list[Outcome] = []
    run = None
    if pairs is None or len(pairs) > INLINE:
        run = await _start(op, key, wanted, application)
    else:
        outcomes += [one async for chunk in link_pairs(op, batch_of(application), pairs) for one in chunk]
    outcomes += [await _create(op, provider, application, person) for person in wanted.create]
    if run is None and not any(one.kind in _CHANGES for one in outcomes):
        await MatchApplication.filter(id=application.id).delete()
        return Applied(None, outcomes)
    await _tell(op, key, application)
    return Applied(application, outcomes, run)


async def link_pairs(
    op: Operation, batch: Batch, pairs: Sequence[Pair], within: Within | None = None
) -> AsyncIterator[list[Outcome]]:
    """Chunk by chunk, each in a transaction of its own, and then the logins."""
    for start in range(0, len(pairs), CHUNK):
        yield await link_chunk(op, batch, pairs[start : start + CHUNK], within)
    if pairs and await logins.registration(batch.provider.id):
        await logins.start(op, batch.provider.id)


async def drafted(op: Operation, key: ReportKey) -> list[Pair]:
    """The confirmations that wait in the viewer's scope, of one facility where the report is, oldest first."""
    return [
        (draft.canvas_user_id, draft.user_id)
        for draft in await matching.drafts(op.scope, key.provider, key.facility)
        if draft.in_scope and draft.decision is MatchDecision.CONFIRMED
    ]


def auto_confirmed(view: View) -> list[Pair]:
    """The first bucket without what somebody has decided otherwise."""
    return [
        (line.proposal.canvas_user_id, line.proposal.user_id)
        for line in of_grade(view.lines, MatchGrade.AUTO_CONFIRMED)
        if line.proposal.user_id is not None
        and (line.confirmed is None or line.confirmed.user_id == line.proposal.user_id)
    ]


async def require_report(op: Operation, key: ReportKey) -> View | None:
    """The report that may be applied as a whole: of everybody, and of now; None while a run makes it.

    Errors: UpstreamUnavailable while not every student of the Canvas is known: a rival may be missing.
    """
    view = await match_report(op, key.provider, key.facility, key.policy)
    if view is not None and view.is_current:
        return view
    if view is None or view.run is None:
        raise unavailable(op.loaders, key.provider)
    return None


async def gather(op: Operation, key: ReportKey, wanted: Wanted) -> list[Pair] | None:
    """Everything that is to be linked, each pair once; None while a run makes the report that names the first bucket."""
    pairs = list(wanted.pairs)
    if wanted.drafts:
        pairs += await drafted(op, key)
    if wanted.auto_confirmed:
        view = await require_report(op, key)
        if view is None:
            return None
        pairs += auto_confirmed(view)
    return list(dict.fromkeys(pairs))


async def accounts_of(op: Operation, key: ReportKey) -> Callable[[MatchApplicationRef], Batch]:
    """The batch of an application, over every student's account of the provider. Errors: NotFound, UpstreamUnavailable."""
    known = await provider_for(op.loaders, key.provider, key.facility)
    found = await canvas_users.students(op.loaders, key.provider)
    if found is None:
        raise unavailable(op.loaders, key.provider)
    accounts = {person.id: person for person, _ in found.people}
    return lambda application: Batch(known, application.id, accounts)


async def open_application_for(op: Operation, key: ReportKey) -> MatchApplicationRef:
    """A step in which a report is applied, and which the audit log tells of."""
    application = await _open(op, key)
    await _tell(op, key, application)
    return application


async def _open(op: Operation, key: ReportKey) -> MatchApplicationRef:
    async with writing(op):
        return await open_application(op, key.provider)


async def _tell(op: Operation, key: ReportKey, application: MatchApplicationRef) -> None:
    async with writing(op):
        await audit.record(op, "applyMatches", application, op.scope.facility_id, None, {"provider_id": key.provider})


async def _start(op: Operation, key: ReportKey, wanted: Wanted, application: MatchApplicationRef) -> SyncRunRef:
    parameters = {
        "facility": key.facility,
        "policy": key.policy.value,
        "application": application.id,
        "auto_confirmed": wanted.auto_confirmed,
        "drafts": wanted.drafts,
        "pairs": [list(pair) for pair in wanted.pairs],
    }
    return await runs.start(op, runs.Asked(SyncKind.APPLY_MATCHES, key.provider, parameters=parameters), "applyMatches")


async def _create(op: Operation, provider: int, application: MatchApplicationRef, person: NewPerson) -> Outcome:
    try:
        made = await create_person(op, provider, person, application)
    except Problem as problem:
        return Outcome(MatchOutcomeKind.FAILED, person.canvas_user_id, problem=problem)
    return Outcome(MatchOutcomeKind.CREATED, person.canvas_user_id, made.user, made.link)


def _check(wanted: Wanted) -> None:
    if len(wanted.create) > MOST_CREATED:
        raise InvalidInput(f"Create at most {MOST_CREATED} people at once.", ["create"])
    if len(wanted.pairs) > MOST_LISTED:
        raise InvalidInput(f"Confirm at most {MOST_LISTED} pairs at once.", ["confirm"])
