"""Enrolments that end because something else did. For use inside a transaction."""

from __future__ import annotations

from tortoise.queryset import QuerySet

from db.models import Enrollment, EnrollmentChange
from db.queries.fetching import batches
from db.transactions import lock
from domain.enums import EnrollmentStatus
from services.operation import Operation


async def end_open(op: Operation, rows: QuerySet[Enrollment], status: EnrollmentStatus, reason: str) -> int:
    """Give the ENROLLED ones among `rows` that status, with their history; how many they were."""
    open_ones = await lock(rows.filter(status=EnrollmentStatus.ENROLLED).order_by("id"))
    for ids in batches(row.id for row in open_ones):
        await Enrollment.filter(id__in=ids).update(status=status, ended_at=op.now())
    await EnrollmentChange.bulk_create(
        [change(op, row.id, EnrollmentStatus.ENROLLED, status, reason) for row in open_ones], batch_size=1_000
    )
    return len(open_ones)


def change(
    op: Operation,
    enrollment_id: int,
    before: EnrollmentStatus | None,
    after: EnrollmentStatus,
    reason: str | None = None,
) -> EnrollmentChange:
    """A step of an enrolment's history, not yet written."""
    return EnrollmentChange(
        enrollment_id=enrollment_id,
        from_status=before,
        to_status=after,
        at=op.now(),
        by_id=op.scope.user_id,
        reason=reason,
    )
