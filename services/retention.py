"""What is kept for how long, and the end of what was kept long enough (conventions §4.3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tortoise.expressions import Q, Subquery
from tortoise.models import Model
from tortoise.queryset import QuerySet

from db import models
from db.transactions import atomic
from domain.enums import Role
from services.access import require_role
from services.idempotency import KEPT
from services.linking import UNDO
from services.operation import Operation

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long: the audit log and the access ledger, finished runs with what matching kept, Canvas facts beyond
    their usable age.
    """

    records: timedelta
    runs: timedelta
    facts: timedelta


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows of each kind were, or would be, deleted."""

    audit_entries: int
    access_entries: int
    idempotency_records: int
    runs: int
    push_plans: int
    match_applications: int
    match_reports: int
    facts: int


async def prune(op: Operation, keep: Retention, *, dry: bool = False) -> Pruned:
    """Delete what was kept long enough; with `dry` only count it.

    Quirk:  plans that a run has applied are kept as long as that run: a push is undone from them. An application of
            matches is kept as long as it can be undone; its links stay, and forget that they were made together.
    Errors: NotAllowed for everybody but system admins.
    """
    require_role(op.scope, Role.SYSTEM_ADMIN, "delete old records")
    now = op.now()
    unused = Q(applied_by_run_id=None, expires_at__lt=now) | Q(created_at__lt=now - keep.runs)
    async with atomic():
        plans = await _delete(models.PushPlan.filter(unused), dry=dry)
        undone = await models.PushPlan.exclude(undo_of_id=None).values_list("undo_of_id", flat=True)
        finished = models.SyncRun.filter(finished_at__lt=now - keep.runs).exclude(id__in=undone)
        pruned = Pruned(
            audit_entries=await _delete(models.AuditEntry.filter(at__lt=now - keep.records), dry=dry),
            access_entries=await _delete(models.AccessEntry.filter(hour__lt=now - keep.records), dry=dry),
            idempotency_records=await _delete(models.IdempotencyRecord.filter(created_at__lt=now - KEPT), dry=dry),
            push_plans=plans,
            runs=await _delete(finished, dry=dry),
            match_applications=await _delete_applications(now - max(keep.runs, UNDO), dry=dry),
            match_reports=await _delete(models.MatchReport.filter(computed_at__lt=now - keep.runs), dry=dry),
            facts=await _delete(models.Fact.filter(fetched_at__lt=now - keep.facts), dry=dry),
        )
        if not dry:
            await models.AuditEntry.create(
                actor_id=op.scope.user_id,
                action="prune",
                object_type="AuditEntry",
                object_key="",
                after=asdict(pruned),
                request_id=op.request_id,
            )
    return pruned


async def _delete_applications(before: datetime, *, dry: bool) -> int:
    old = models.MatchApplication.filter(applied_at__lt=before)
    if not dry:
        made = Subquery(old.values("id"))
        await models.ProviderLink.filter(application_id__in=made).update(application_id=None)
    return await _delete(old, dry=dry)


async def _delete(found: QuerySet[M], *, dry: bool) -> int:
    return await found.count() if dry else await found.delete()
