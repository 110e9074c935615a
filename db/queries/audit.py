"""What was done, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import Q

from db.models import AuditEntry
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
    names = ("action", "actor_id", "object_type", "object_key")
    given = {name: value for name in names if (value := getattr(narrowed, name)) is not None}
    return _visible(scope) & Q(**given)


def _visible(scope: Scope) -> Q:
    """All, or what happened at the own facility; nothing for students."""
    if scope.everywhere:
        return Q()
    if scope.is_admin and scope.facility_id is not None:
        return Q(facility_id=scope.facility_id)
    return Q(id__in=[])
