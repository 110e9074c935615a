"""Long work that a client may walk away from: asking for it, reading where it is, and stopping it.

How to add a kind of run:
1. A value of `domain.enums.SyncKind` and its description in `graph/enums.py`.
2. A handler, `async def match(run: Run) -> None` (see `services.run.Run`), and its line in `services/run_kinds.py`.
   It does its work in steps that can be repeated: a process may be killed anywhere, and another one starts the handler
   again with the same parameters. What a step writes goes into one transaction together with `run.save()`, which also
   proves that the run is still ours.
3. In the service behind the mutation, after the viewer's right was checked:
   `ref = await start(op, Asked(SyncKind.MATCH, provider_id=3, parameters={...}, alone="match:3"), "matchReport")`.
   Two unfinished runs never have the same `alone`: the second caller is given the first one's ref.
The rest is here: the queue, the lease, taking up after a crash, cancelling, counts, issues, news and the API's types.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tortoise.exceptions import IntegrityError

from db import models
from db.queries import runs as queries
from db.transactions import atomic, lock, violated
from domain.enums import SyncKind, SyncState
from domain.errors import BadIdError
from domain.filters import SyncRunFilter
from domain.paging import Page, PageRequest
from domain.problems import Conflict, NotAllowed, NotFound
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef, SyncRunRef, key_of, number
from domain.runs import SyncIssue, SyncRun
from domain.scope import Scope
from loaders import Loaders
from loaders.bus import News
from services import audit
from services.operation import Engine, Operation
from services.viewers import present_scope

JOB = "run"
"""The job that carries a run out; its key is the run's number."""
TOPIC = "run"
LOOK_AGAIN = 5.0
TOLD_IN_NUMBERS = {"OVERRIDE_REQUIRED"}
"""Issues whose sentence counts people."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is to do. `alone`: of unfinished runs with this text there is one; `night`: a scheduled one's."""

    kind: SyncKind
    provider_id: int | None = None
    school_class: ClassRef | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    alone: str | None = None
    night: date | None = None


async def start(op: Operation, asked: Asked, action: str) -> SyncRunRef:
    """Ask for a run, or join the unfinished one that is the same.

    Shape:  the viewer's rights were checked before; `action` is what the audit log calls it.
    Errors: Conflict where others keep starting and ending the same run.
    """
    for _ in range(3):
        try:
            row = await _create(op, asked, action)
        except IntegrityError as error:
            if not violated(error, "sync_run_alone"):
                raise
            same = await models.SyncRun.get_or_none(alone_key=asked.alone, finished_at=None)
            if same is not None:
                return SyncRunRef(same.id)
            continue
        await op.engine.queue.enqueue(JOB, row.id)
        return SyncRunRef(row.id)
    raise Conflict("Somebody else is doing the same. Ask again in a moment.")


async def _create(op: Operation, asked: Asked, action: str) -> models.SyncRun:
    ref = asked.school_class
    async with atomic():
        row = await models.SyncRun.create(
            kind=asked.kind,
            alone_key=asked.alone,
            scheduled_for=asked.night,
            provider_id=ref.provider if isinstance(ref, CanvasClassRef) else asked.provider_id,
            course_id=ref.course_id if isinstance(ref, CanvasClassRef) else None,
            school_class_id=ref.id if isinstance(ref, NativeClassRef) else None,
            facility_id=op.scope.facility_id,
            requested_by_id=op.scope.user_id,
            parameters=dict(asked.parameters),
            created_at=op.now(),
        )
        await audit.record(op, action, SyncRunRef(row.id), op.scope.facility_id, None, dict(asked.parameters))
    return row


async def cancel(op: Operation, ref: SyncRunRef) -> SyncRunRef:
    """Stop a run before its next step; what is done stays done. A finished one is left as it is.

    Errors: NotFound out of scope; NotAllowed for a pull that somebody elsewhere asked for.
    """
    found = await queries.runs_by_ids(op.scope, [ref.id])
    if not found or not op.scope.is_admin:
        raise NotFound("There is no such run.", ["id"])
    if not op.scope.covers_facility(found[0].facility_id):
        raise NotAllowed("Somebody outside your facility asked for this run.", ["id"])
    async with atomic():
        row = await lock(models.SyncRun.filter(id=ref.id, finished_at=None)).first()
        if row is None:
            return ref
        row.cancel_asked = True
        if row.lease_token is None:
            row.state, row.finished_at = SyncState.CANCELLED, op.now()
        await row.save()
        await audit.record(op, "cancelSyncRun", ref, op.scope.facility_id)
    await tell(op.engine, row.id, row.provider_id)
    return ref


async def tell(engine: Engine, run_id: int, provider_id: int | None) -> None:
    """Let subscribers of the run know that it has moved on."""
    await engine.bus.publish(News(TOPIC, provider_id or 0, (str(run_id),)))


async def runs_by_ids(loaders: Loaders, ids: Sequence[int]) -> list[SyncRun | None]:
    """One answer per id; None for what does not exist for the viewer."""
    found = {row.id: as_seen(loaders.scope, row) for row in await queries.runs_by_ids(loaders.scope, ids)}
    return [found.get(id) for id in ids]


def as_seen(scope: Scope, row: SyncRun) -> SyncRun:
    """A run that somebody outside the viewer's facility asked for tells how far it is, and nothing that counts people."""
    if scope.everywhere or row.facility_id == scope.facility_id:
        return row
    return replace(row, message=None, created=0, updated=0, removed=0, unchanged=0, skipped=0)


async def list_runs(loaders: Loaders, narrowed: SyncRunFilter, request: PageRequest) -> Page[SyncRun]:
    """Newest first, in the viewer's scope."""
    before = _id_of(request) if request.after else None
    found = await queries.runs_page(loaders.scope, narrowed, request.first + 1, before)
    shown = [as_seen(loaders.scope, row) for row in found[: request.first]]
    keys = [("", key_of(row.ref)) for row in shown]
    total = await queries.runs_count(loaders.scope, narrowed)
    return Page(shown, keys, has_next=len(found) > len(shown), has_previous=before is not None, total=total)


async def issues_of_runs(loaders: Loaders, runs: Sequence[SyncRun]) -> list[list[SyncIssue]]:
    """The issues of each run.

    Shape: a facility admin reads those about accounts of the own people and of nobody; of a run that is not their
           facility's, those about no account and in no numbers.
    """
    issues = await queries.issues_of_runs([run.id for run in runs])
    scope = loaders.scope
    hidden = set() if scope.everywhere else await _accounts_of_others(scope, runs, issues)
    own = {run.id for run in runs if scope.everywhere or run.facility_id == scope.facility_id}
    found: defaultdict[int, list[SyncIssue]] = defaultdict(list)
    for one in issues:
        foreign = one.run_id not in own and (one.canvas_user_id is not None or one.code in TOLD_IN_NUMBERS)
        if not foreign and (one.run_id, one.canvas_user_id) not in hidden:
            found[one.run_id].append(one)
    return [found[run.id] for run in runs]


async def _accounts_of_others(
    scope: Scope, runs: Sequence[SyncRun], issues: Sequence[SyncIssue]
) -> set[tuple[int, str | None]]:
    """(run, account) of issues about accounts of people out of scope."""
    providers = {run.id: run.provider_id for run in runs}
    accounts = {one.canvas_user_id for one in issues if one.canvas_user_id is not None}
    linked = await queries.places_of_accounts({number for number in providers.values() if number is not None}, accounts)
    others = {key for key, (person, place) in linked.items() if not scope.covers_person(person, place)}
    return {(one.run_id, one.canvas_user_id) for one in issues if (providers[one.run_id], one.canvas_user_id) in others}


def _id_of(request: PageRequest) -> int:
    name, _, id = (request.after or ("", ""))[1].partition(":native:")
    try:
        if name == SyncRunRef.type_name:
            return number(id)
    except ValueError:
        pass
    raise BadIdError("This is not a cursor of this list.")


async def updates(op: Operation, ref: SyncRunRef) -> AsyncIterator[SyncRun]:
    """The run as it is now and after every change, to its end.

    Shape:  ends where the viewer's scope has become another one: what is told with it was read in the former.
    Quirk:  looks by itself every few seconds, for news that got lost on the way.
    Errors: BadIdError out of scope.
    """
    moved = asyncio.Event()

    def hear(news: News) -> None:
        if news.topic == "resync" or (news.topic == TOPIC and str(ref.id) in news.keys):
            moved.set()

    unlisten = op.engine.bus.listen(hear)
    try:
        told: SyncRun | None = None
        while told is None or told.finished_at is None:
            moved.clear()
            if await present_scope(op.scope) != op.scope:
                return
            (row,) = await runs_by_ids(op.loaders, [ref.id])
            if row is None:
                raise BadIdError("There is no such run.")
            if row != told:
                told = row
                yield row
            elif row.finished_at is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), LOOK_AGAIN)
    finally:
        unlisten()
