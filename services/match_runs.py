"""The runs of matching: making a large report, and applying a large one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from db.queries import matching
from db.transactions import atomic
from domain.enums import MatchOutcomeKind, MatchPolicy
from domain.matches import ReportKey
from domain.problems import Conflict
from domain.refs import MatchApplicationRef
from services.linking import unavailable
from services.match_applying import Wanted, accounts_of, gather, link_pairs
from services.match_lines import Drafts
from services.match_linking import Outcome
from services.match_reports import is_right
from services.match_sides import Sides, read_sides
from services.match_store import keep, kept, pack
from services.matching.worker import run_in_worker
from services.run import Run

READ_AGAIN, PAUSE = 30, 2.0
"""How often, and with how many seconds between, Canvas is asked for what it has not answered yet."""

COUNTED = {
    MatchOutcomeKind.LINKED: "created",
    MatchOutcomeKind.ALREADY_LINKED: "unchanged",
    MatchOutcomeKind.FAILED: "skipped",
}


async def match(run: Run) -> None:
    """Make the report that the run's parameters name, and keep it.

    Errors: UpstreamUnavailable where Canvas cannot be read within a minute.
    """
    await _make_report(run, _key(run))


async def apply(run: Run) -> None:
    """Link what was asked for, chunk by chunk; taken up again, what was linked before is unchanged.

    Errors: UpstreamUnavailable; Conflict where people keep coming and going while the report is made.
    """
    key, given = _key(run), run.parameters
    listed = [(account, user) for account, user in given["pairs"]]
    wanted = Wanted(key.facility, key.policy, given["auto_confirmed"], given["drafts"], listed)
    if wanted.auto_confirmed:
        await _make_report(run, key)
    pairs = await gather(run.op, key, wanted)
    if pairs is None:
        raise Conflict("People came or went while the report was made. Apply again.")
    batch_of = await accounts_of(run.op, key)
    await run.step("linking", len(pairs))

    async def note(outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            _note(run, outcome)
        await run.save()

    async for outcomes in link_pairs(run.op, batch_of(MatchApplicationRef(given["application"])), pairs, note):
        await run.advance(len(outcomes))


async def _make_report(run: Run, key: ReportKey) -> None:
    sides = await _sides(run, key)
    drafts = Drafts(await matching.drafts(run.op.scope, key.provider))
    if is_right(await kept(key), sides, drafts):
        return
    told = 0
    await run.step("matching", len(sides.canvas))

    async def progress(done: int, _total: int) -> None:
        nonlocal told
        told, by = done, done - told
        await run.advance(by)

    report = await run_in_worker(sides.canvas, sides.local, key.policy, progress, rejected=drafts.rejected_pairs)
    payload = await pack(report, drafts.rejected_pairs)
    async with atomic():
        await keep(key, sides.fingerprint, run.op.now(), payload)
        await run.save()


async def _sides(run: Run, key: ReportKey) -> Sides:
    await run.step("reading_people")
    for _ in range(READ_AGAIN):
        sides = await read_sides(run.op.loaders, key.provider, key.facility)
        if sides is not None:
            return sides
        await asyncio.sleep(PAUSE)
    raise unavailable(run.op.loaders, key.provider)


def _key(run: Run) -> ReportKey:
    return ReportKey(run.provider_id or 0, run.parameters["facility"], MatchPolicy(run.parameters["policy"]))


def _note(run: Run, outcome: Outcome) -> None:
    run.count(**{COUNTED[outcome.kind]: 1})
    if outcome.problem is not None:
        code = type(outcome.problem).__name__
        run.issue(code, outcome.problem.message, canvas_user_id=outcome.canvas_user_id)
