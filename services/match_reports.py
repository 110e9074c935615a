"""The match report: small ones are made at once, large ones by a run, and kept until a link or a roster changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from db.models import SyncRun
from db.queries import matching
from domain.catalog import SourceStatus
from domain.enums import MatchPolicy, SourceState, SyncKind, SyncState
from domain.matches import ReportKey
from domain.problems import NotFound
from domain.refs import SyncRunRef
from services import runs, sources
from services.match_lines import Drafts, Line, lines
from services.match_sides import Sides, provider_for, read_sides
from services.match_store import Kept, kept
from services.matching.build import build_report
from services.matching.worker import is_small
from services.operation import Operation


@dataclass(frozen=True, slots=True)
class View:
    """A report as the viewer sees it. `is_current`: it holds everybody, and nothing has changed since it was made."""

    key: ReportKey
    state: SourceState
    computed_at: datetime | None
    run: SyncRunRef | None
    lines: Sequence[Line]
    sources: Sequence[SourceStatus]
    is_current: bool = False


async def match_report(op: Operation, provider: int, facility: int | None, policy: MatchPolicy | None) -> View | None:
    """Who is who in a provider, for one facility or for all that the viewer may see; None where that does not exist.

    Source: cached facts, our people, and for large rosters the report that a run has made.
    Shape:  LOADING while a run works; STALE with the former report while another run works; the lines are complete otherwise.
    """
    try:
        key = await report_key(op, provider, facility, policy)
        sides = await read_sides(op.loaders, provider, key.facility)
    except NotFound:
        return None
    status = await sources.people_status(op.loaders, provider)
    state = status[0].state if status else SourceState.DISABLED
    if sides is None:
        return View(key, state, None, None, (), status)
    drafts = Drafts(await matching.drafts(op.scope, provider))
    if not sides.complete and state is not SourceState.LOADING:
        state = SourceState.STALE
    if is_small(len(sides.canvas), len(sides.local)):
        report = build_report(sides.canvas, sides.local, key.policy, rejected=drafts.rejected_pairs)
        found = await lines(report, sides, drafts)
        return View(key, state, op.now(), None, found, status, is_current=sides.complete)
    return await _large(op, key, sides, drafts, state, status)


async def report_key(op: Operation, provider: int, facility: int | None, policy: MatchPolicy | None) -> ReportKey:
    """Which report is asked for: an admin's own facility where they have one, the provider's policy where none is named.

    Errors: NotFound for students, for a provider or facility out of scope, and where the provider is off.
    """
    scope = op.scope
    if facility is not None and (
        not scope.covers_facility(facility) or await op.loaders.facility_by_id.load(facility) is None
    ):
        raise NotFound("There is no such facility.", ["facilityId"])
    own = facility if scope.everywhere else scope.facility_id
    if not scope.is_admin or (own is None and not scope.everywhere):
        raise NotFound("There is no such facility.", ["facilityId"])
    known = await provider_for(op.loaders, provider, own)
    return ReportKey(provider, own, policy or known.match_policy)


async def _large(
    op: Operation, key: ReportKey, sides: Sides, drafts: Drafts, state: SourceState, status: Sequence[SourceStatus]
) -> View:
    """The kept report, or the run that makes it; a former one is shown meanwhile."""
    former = await kept(key)
    run: SyncRunRef | None = None
    if not is_right(former, sides, drafts) and state is not SourceState.LOADING:
        run = await start_run(op, key)
        await _wait(op, run)
        former = await kept(key)
    right = is_right(former, sides, drafts)
    if former is None:
        failed = run is not None and await SyncRun.filter(id=run.id, state=SyncState.FAILED).exists()
        return View(key, SourceState.FAILED if failed else SourceState.LOADING, None, run, (), status)
    if not right and state is SourceState.FRESH:
        state = SourceState.STALE
    found = await lines(former.report, sides, drafts)
    shown_run = None if right else run
    return View(key, state, former.computed_at, shown_run, found, status, is_current=right and sides.complete)


def is_right(former: Kept | None, sides: Sides, drafts: Drafts) -> bool:
    """Nobody came, went or changed, and nothing that the report leaves out was cleared."""
    return former is not None and former.fingerprint == sides.fingerprint and former.rejected <= drafts.rejected_pairs


async def start_run(op: Operation, key: ReportKey) -> SyncRunRef:
    """Have a report made, or join the run that is making it."""
    asked = runs.Asked(
        SyncKind.MATCH,
        key.provider,
        parameters={"facility": key.facility, "policy": key.policy.value},
        alone=f"match:{key.provider}:{key.facility or 0}:{key.policy}",
    )
    return await runs.start(op, asked, "matchReport")


async def _wait(op: Operation, run: SyncRunRef) -> None:
    """Give a run as long as a cold answer may take."""
    moved = asyncio.Event()
    unlisten = op.engine.bus.listen(
        lambda news: moved.set() if news.topic == runs.TOPIC and str(run.id) in news.keys else None
    )
    until = monotonic() + op.loaders.facts.lifetimes.cold_wait.total_seconds()
    try:
        while not await SyncRun.filter(id=run.id, finished_at__isnull=False).exists():
            await asyncio.wait_for(moved.wait(), until - monotonic())
            moved.clear()
    except TimeoutError:
        pass
    finally:
        unlisten()
