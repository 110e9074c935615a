"""The access ledger. Whoever asks for a student's entries has been found to be allowed to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from db import models
from db.queries.fetching import batches, rows_of
from domain.enums import Role
from domain.rows import AccessEntry

_ROWS = 1_000


async def add(people: Iterable[int], viewer_id: int, operation: str, document: str, hour: datetime) -> None:
    """One entry for each of them that is a student and has none for this hour."""
    said = {"viewer_id": viewer_id, "operation": operation, "document": document, "hour": hour}
    for batch in batches(people):
        students = await models.User.filter(id__in=batch, role=Role.STUDENT).values_list("id", flat=True)
        entries = [models.AccessEntry(student_id=id, **said) for id in students]
        await models.AccessEntry.bulk_create(entries, batch_size=_ROWS, ignore_conflicts=True)


async def access_page(student_id: int, limit: int, before: int | None = None) -> list[AccessEntry]:
    """At most `limit` entries, newest first, older than the entry `before` where one is given."""
    found = models.AccessEntry.filter(student_id=student_id)
    if before is not None:
        found = found.filter(id__lt=before)
    return await rows_of(AccessEntry, found.order_by("-id").limit(limit))


async def access_count(student_id: int) -> int:
    return await models.AccessEntry.filter(student_id=student_id).count()
