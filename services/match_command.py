"""`homeroom match`: a report worked out and applied from the command line, without a queue and without a viewer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from db.models import Facility
from db.queries import matching, users
from domain.enums import MatchGrade, MatchPolicy, SourceState
from domain.matches import ReportKey
from domain.names import fold
from domain.problems import NotFound
from services import sources
from services.linking import unavailable
from services.match_applying import accounts_of, auto_confirmed, link_pairs, open_application_for
from services.match_lines import Drafts, lines, of_grade
from services.match_linking import Outcome
from services.match_reports import View, report_key
from services.match_sides import Sides, read_sides
from services.matching.worker import make_report
from services.operation import Operation

Progress = Callable[[int, int], Awaitable[None]]
"""`await progress(done, total)`, now and then."""

PAUSE, TRIES = 1.0, 300


async def find(op: Operation, provider: str, facility: str | None, policy: MatchPolicy | None = None) -> ReportKey:
    """Which report is meant, by names as they are shown. Errors: NotFound naming the option."""
    rows = (await op.loaders.providers()).values()
    known = next((row for row in rows if row.sort_key == fold(provider)), None)
    if known is None:
        raise NotFound("There is no enabled provider of that name.", ["provider"])
    place = await Facility.get_or_none(sort_key=fold(facility)) if facility is not None else None
    if facility is not None and place is None:
        raise NotFound("There is no facility of that name.", ["facility"])
    return await report_key(op, known.id, place.id if place else None, policy)


async def work_out(op: Operation, key: ReportKey, progress: Progress | None = None) -> View:
    """The report of now, in a process of its own where it is large.

    Errors: UpstreamUnavailable where Canvas cannot be read within five minutes.
    """
    sides = await _sides(op, key)
    drafts = Drafts(await matching.drafts(op.scope, key.provider))
    report = await make_report(sides.canvas, sides.local, key.policy, progress, rejected=drafts.rejected_pairs)
    status = await sources.people_status(op.loaders, key.provider)
    state = SourceState.FRESH if sides.complete else SourceState.STALE
    return View(key, state, op.now(), None, await lines(report, sides, drafts), status, is_current=sides.complete)


def counts(view: View) -> dict[MatchGrade, int]:
    """How many candidates each bucket holds."""
    return {grade: len(of_grade(view.lines, grade)) for grade in MatchGrade}


def reservations(view: View) -> list[str]:
    """Why the report may not be of now, for each source that is not: what is wrong, and of when its people are."""
    old = (status.freshness for status in view.sources if status.state is SourceState.STALE)
    return [
        f"{one.message or 'Canvas is being read again.'} These are its people as of {one.fetched_at:%Y-%m-%d %H:%M} UTC."
        for one in old
        if one.fetched_at is not None
    ]


async def planned(op: Operation, view: View) -> list[str]:
    """What `apply_auto` would do, a line for each pair.

    Quirk: what people typed as their names is shown without characters that a terminal would obey.
    """
    pairs = auto_confirmed(view)
    names = {line.account.person.id: line.account.person.name for line in view.lines}
    people = {row.id: row for row in await users.users_by_ids(op.scope, [user for _, user in pairs])}
    return [
        _shown(f"{names[account]} ({account}) is {people[user].full_name}, {people[user].username}")
        for account, user in pairs
    ]


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


async def apply_auto(op: Operation, view: View, progress: Progress | None = None) -> list[Outcome]:
    """Link the first bucket of a report; one outcome per pair, nothing for an empty bucket.

    Errors: UpstreamUnavailable for a report from which somebody may be missing.
    """
    if not view.is_current:
        raise unavailable(op.loaders, view.key.provider)
    pairs = auto_confirmed(view)
    if not pairs:
        return []
    batch_of = await accounts_of(op, view.key)
    outcomes: list[Outcome] = []
    async for chunk in link_pairs(op, batch_of(await open_application_for(op, view.key)), pairs):
        outcomes += chunk
        if progress is not None:
            await progress(len(outcomes), len(pairs))
    return outcomes


async def _sides(op: Operation, key: ReportKey) -> Sides:
    """Both sides, once everything that is being read has come."""
    for _ in range(TRIES):
        sides = await read_sides(op.loaders, key.provider, key.facility)
        status = await sources.people_status(op.loaders, key.provider)
        if status and status[0].state is SourceState.FAILED:
            break
        if sides is not None and (sides.complete or not any(s.state is SourceState.LOADING for s in status)):
            return sides
        await asyncio.sleep(PAUSE)
    raise unavailable(op.loaders, key.provider)
