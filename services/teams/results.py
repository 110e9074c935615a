"""What pushes did, person by person, for those who may know it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from db.models import PushPlan
from domain.refs import CanvasClassRef
from domain.runs import SyncRun
from domain.teams import Result
from loaders import Loaders
from services.teams.own import people_within


async def results_of_run(run_id: int) -> tuple[CanvasClassRef, list[Result]] | None:
    """What the push of that run did, whatever the scope; None for a run that pushed nothing."""
    row = await PushPlan.get_or_none(applied_by_run_id=run_id)
    if row is None or row.outcome is None:
        return None
    return CanvasClassRef(row.provider_id, row.course_id), msgspec.convert(row.outcome, list[Result])


async def results_of_runs(loaders: Loaders, runs: Sequence[SyncRun]) -> list[list[Result] | None]:
    """The same for many runs in scope, of the viewer's own people; None for those that pushed nothing, or not yet.

    Source: one query for all.
    """
    plans = await PushPlan.filter(applied_by_run_id__in=[run.id for run in runs], outcome__isnull=False)
    found = {plan.applied_by_run_id: msgspec.convert(plan.outcome, list[Result]) for plan in plans}
    within = await people_within(loaders.scope)
    own = {id: [one for one in done if one.user_id is None or within(one.user_id)] for id, done in found.items()}
    return [own.get(run.id) for run in runs]
