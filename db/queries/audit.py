"""What was done, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tortoise.expressions import Q, Subquery

from db.models import AuditEntry, User
from db.queries import scoping
from db.queries.fetching import by_ids, rows_of
from domain import rows
from domain.filters import AuditFilter
from domain.scope import Scope


async def audit_page(
    scope: Scope, narrowed: AuditFilter, limit: int, before: int | None = None
) -> list[rows.AuditEntry]:
    """At most `limit` entries, older than the entry `before` where one is given."""
    wanted = _wanted(scope, narrowed)
    if before is not None:
        wanted &= Q(id__lt=before)
    return await rows_of(rows.AuditEntry, AuditEntry.filter(wanted).order_by("-id").limit(limit))


async def audit_count(scope: Scope, narrowed: AuditFilter) -> int:
    return await AuditEntry.filter(_wanted(scope, narrowed)).count()


async def audit_entries_by_ids(scope: Scope, ids: Iterable[int]) -> list[rows.AuditEntry]:
    """In no order."""
    return await by_ids(rows.AuditEntry, AuditEntry.filter(_wanted(scope, AuditFilter())), ids)


def _wanted(scope: Scope, narrowed: AuditFilter) -> Q:
    names = ("action", "object_type", "object_key")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(narrowed, name)) is not None}
    between = {"at__gte": narrowed.since, "at__lt": narrowed.until}
    given |= {name: instant for name, instant in between.items() if instant is not None}
    return _visible(scope) & Q(**given) & _by(scope, narrowed.actor_id)


def _by(scope: Scope, actor_id: int | None) -> Q:
    """What a person did whom the viewer may see: entries name nobody else."""
    if actor_id is None:
        return Q()
    return Q(actor_id__in=Subquery(User.filter(scoping.people(scope), id=actor_id).values("id")))


def _visible(scope: Scope) -> Q:
    """All, or what happened at the own facility; nothing for students."""
    if scope.everywhere:
        return Q()
    if scope.is_admin and scope.facility_id is not None:
        return Q(facility_id=scope.facility_id)
    return Q(id__in=[])
