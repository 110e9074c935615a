"""One run per Canvas course at a time: a run works on the courses whose lease it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from tortoise.expressions import Q

from db.models import CanvasCourse, SyncRun
from db.queries.runs import lease_is_over
from domain.enums import SyncKind
from domain.refs import CanvasClassRef
from services.run import Run

PATIENCE = 20.0
LOOK_AGAIN = 0.5


async def take(run: Run, provider_id: int, course_ids: Iterable[str], patience: float = PATIENCE) -> set[str]:
    """Hold the lease of those courses until the run ends; waits for what others hold.

    Shape:  the courses that are held now; the others stayed busy for `patience` seconds.
    Quirk:  `run_work` prolongs and ends the leases with the run's own.
    """
    wanted = list(dict.fromkeys(course_ids))
    rows = [CanvasCourse(provider_id=provider_id, course_id=id) for id in wanted]
    await CanvasCourse.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    for turn in range(int(patience / LOOK_AGAIN) + 1):
        if turn:
            await asyncio.sleep(LOOK_AGAIN)
        held = await _take_free(run, provider_id, wanted)
        if len(held) == len(wanted):
            break
    return held


async def holder(ref: CanvasClassRef, kind: SyncKind, run: Run | None = None) -> int | None:
    """The unfinished run of that kind that works on the course now."""
    course = await CanvasCourse.get_or_none(provider_id=ref.provider, course_id=ref.course_id)
    if course is None or course.lease_run_id is None or (run is not None and course.lease_run_id == run.id):
        return None
    found = await SyncRun.get_or_none(id=course.lease_run_id, kind=kind, finished_at=None)
    return found.id if found else None


async def _take_free(run: Run, provider_id: int, wanted: list[str]) -> set[str]:
    now = run.op.now()
    free = Q(lease_run_id=None) | Q(lease_run_id=run.id) | lease_is_over(now)
    courses = CanvasCourse.filter(provider_id=provider_id, course_id__in=wanted)
    await courses.filter(free).update(lease_run_id=run.id, lease_until=now + timedelta(seconds=run.pace.lease))
    return {id for (id,) in await courses.filter(lease_run_id=run.id).values_list("course_id")}
