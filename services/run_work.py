"""Carrying runs out: claim, heartbeat, steps, and an end that is written once.

The lease is a token and an instant in the run's row. It is prolonged while the handler works; a process that died
prolongs nothing, and after `Pace.lease` seconds anybody may claim the run. A process that was only slow finds its token
gone at the next `save`, and stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from datetime import timedelta
from typing import Any

import structlog
from tortoise.expressions import F

from db import models
from db.failures import UNANSWERED, explained
from db.queries.runs import held_by_nobody, lapsed_runs
from db.queries.users import users_by_ids
from domain.enums import SyncState
from domain.errors import UpstreamError
from domain.freshness import MESSAGES
from domain.problems import NotAllowed, Problem
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef
from domain.scope import SYSTEM, Scope
from services.access import scope_of
from services.operation import Engine, begin
from services.run import COUNTS, Handlers, LeaseLostError, Pace, Run, RunCancelledError
from services.runs import tell

log = structlog.get_logger()
MOST_ATTEMPTS = 5
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")


async def carry_out(engine: Engine, run_id: int, handlers: Handlers, pace: Pace) -> None:
    """Claim a run and bring it to its end; nothing happens where somebody else holds it or it is finished.

    Errors: none of the work's: they are the run's state. Cancelling this gives the run back.
    """
    token = secrets.token_hex(8)
    try:
        row = await _claim(engine, run_id, token, pace)
    except asyncio.CancelledError:
        await _give_back(run_id, token)
        raise
    if row is None:
        return
    work = asyncio.create_task(_work(engine, row, token, handlers, pace))
    beat = asyncio.create_task(_beat(engine, row.id, token, pace))
    try:
        await asyncio.wait({work, beat}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _stop(work)
        await _give_back(row.id, token)
        raise
    finally:
        await _stop(work, beat)
        await tell(engine, row.id, row.provider_id)


async def lapsed(engine: Engine, pace: Pace) -> list[int]:
    """The runs that somebody should take up."""
    now = engine.clock()
    return await lapsed_runs(now, now - timedelta(seconds=pace.sweep))


async def _claim(engine: Engine, run_id: int, token: str, pace: Pace) -> models.SyncRun | None:
    now = engine.clock()
    free = models.SyncRun.filter(held_by_nobody(now), id=run_id, finished_at=None)
    lease = {"lease_token": token, "lease_until": now + timedelta(seconds=pace.lease), "heartbeat_at": now}
    again = {"attempts": F("attempts") + 1, "unchanged": 0, "skipped": 0}
    if not await free.update(state=SyncState.RUNNING, **lease, **again):
        return None
    await models.SyncRun.filter(id=run_id, started_at=None).update(started_at=now)
    row = await models.SyncRun.get(id=run_id)
    await models.SyncIssue.filter(run_id=run_id).delete()
    return row


async def _work(engine: Engine, row: models.SyncRun, token: str, handlers: Handlers, pace: Pace) -> None:
    run: Run | None = None
    try:
        if row.attempts > MOST_ATTEMPTS:
            await _end(engine, row.id, token, SyncState.FAILED, f"Given up after {MOST_ATTEMPTS} attempts.")
            return
        run = _run(engine, row, token, await _scope(row), pace)
        await handlers[row.kind](run)
        run.complete()
        await run.save()
        end = SyncState.SUCCEEDED_WITH_WARNINGS if run.has_issues else SyncState.SUCCEEDED
        await _end(engine, row.id, token, end)
    except LeaseLostError:
        log.warning("run.lease_lost", run=row.id)
    except RunCancelledError:
        await _end(engine, row.id, token, SyncState.CANCELLED)
    except Exception as error:  # noqa: BLE001  whatever happened, the run's row has to say that it ended
        await _fail(engine, row, token, run, error)


async def _fail(engine: Engine, row: models.SyncRun, token: str, run: Run | None, error: Exception) -> None:
    if explained(error) is not None:
        _note_away(row.id, error)
        return
    match error:
        case Problem():
            code, message = _CAPITALS.sub("_", type(error).__name__).upper(), error.message
        case UpstreamError():
            code, message = error.reason, MESSAGES.get(error.reason, "Canvas could not be asked.")
        case _:
            code = "INTERNAL_ERROR"
            message = "Something went wrong here. It was noted for the operators."
            log.error("run.failed", run=row.id, kind=row.kind, exc_info=error)
    if run is not None:
        run.issue(code, message)
        with contextlib.suppress(LeaseLostError, *UNANSWERED):
            await run.save()
    await _end(engine, row.id, token, SyncState.FAILED, message)


def _run(engine: Engine, row: models.SyncRun, token: str, scope: Scope, pace: Pace) -> Run:
    school_class: ClassRef | None = None
    if row.course_id is not None and row.provider_id is not None:
        school_class = CanvasClassRef(row.provider_id, row.course_id)
    elif row.school_class_id is not None:
        school_class = NativeClassRef(row.school_class_id)
    return Run(
        begin(engine, scope, request_id=f"run-{row.id}"),
        row.id,
        row.kind,
        token,
        row.provider_id,
        school_class,
        row.parameters,
        pace,
        {name: getattr(row, name) for name in COUNTS},
    )


async def _scope(row: models.SyncRun) -> Scope:
    """What the requester may do now, which may be less than when they asked."""
    if row.requested_by_id is None:
        return SYSTEM
    person = next(iter(await users_by_ids(SYSTEM, [row.requested_by_id])))
    if person.deactivated_at is not None:
        raise NotAllowed("Whoever asked for this is no longer active.")
    return scope_of(person)


async def _beat(engine: Engine, run_id: int, token: str, pace: Pace) -> None:
    """Prolong the leases until the run is somebody else's or was finished."""
    while True:
        await asyncio.sleep(pace.beat)
        now = engine.clock()
        until = now + timedelta(seconds=pace.lease)
        held = models.SyncRun.filter(id=run_id, lease_token=token, finished_at=None)
        try:
            if not await held.update(lease_until=until, heartbeat_at=now):
                return
            await models.CanvasCourse.filter(lease_run_id=run_id).update(lease_until=until)
        except UNANSWERED:
            log.warning("run.heartbeat_failed", run=run_id)


def _note_away(run_id: int, error: Exception) -> None:
    """The database is away: the run's lease lapses, and whoever has the database again goes on with it."""
    log.warning("run.database_away", run=run_id, error=type(error).__name__)


async def _end(engine: Engine, run_id: int, token: str, state: SyncState, message: str | None = None) -> None:
    try:
        await _write_end(engine, run_id, token, state, message)
    except UNANSWERED as error:
        _note_away(run_id, error)


async def _write_end(engine: Engine, run_id: int, token: str, state: SyncState, message: str | None) -> None:
    held = models.SyncRun.filter(id=run_id, lease_token=token, finished_at=None)
    said = {"message": message} if message is not None else {}
    if await held.update(state=state, finished_at=engine.clock(), lease_token=None, lease_until=None, **said):
        await models.CanvasCourse.filter(lease_run_id=run_id).update(lease_run_id=None, lease_until=None)


async def _give_back(run_id: int, token: str) -> None:
    """This process is going away in order: the run waits again, and the attempt does not count."""
    try:
        await _write_back(run_id, token)
    except UNANSWERED as error:
        _note_away(run_id, error)


async def _write_back(run_id: int, token: str) -> None:
    row = await models.SyncRun.get_or_none(id=run_id, lease_token=token, finished_at=None)
    if row is not None:
        free: dict[str, Any] = {"state": SyncState.QUEUED, "lease_token": None, "lease_until": None}
        await models.SyncRun.filter(id=run_id, lease_token=token).update(**free, attempts=row.attempts - 1)
        await models.CanvasCourse.filter(lease_run_id=run_id).update(lease_run_id=None, lease_until=None)


async def _stop(*tasks: asyncio.Task[None]) -> None:
    """Whatever becomes of one, all of them end: a heartbeat that went on alone would hold the lease for ever."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
