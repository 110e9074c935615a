"""What students did in a course, where Canvas's analytics are installed."""

from __future__ import annotations

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, id_order, rows
from domain import facts
from domain.errors import UpstreamMissing


class _Tardiness(msgspec.Struct):
    total: float | None = None
    on_time: float | None = None
    late: float | None = None
    missing: float | None = None


class _Summary(msgspec.Struct):
    id: Id
    page_views: int | None = None
    participations: int | None = None
    tardiness_breakdown: _Tardiness | None = None


async def list_student_summaries(canvas: Canvas, course_id: str) -> list[facts.StudentSummary] | None:
    """Every student's summary, by ascending id; None where there are no analytics for this course.

    Source: GET /api/v1/courses/:id/analytics/student_summaries, all pages
    Units:  counts; those of tardiness are assignments.
    Quirk:  404 says that the plugin is missing, the course unpublished or without students.
    Errors: UpstreamForbidden without the rights to grades and analytics.
    """
    path = canvas.path("courses/{}/analytics/student_summaries", course_id)
    try:
        found = rows(await canvas.get_all(path, {"per_page": 100}), _Summary)
    except UpstreamMissing:
        return None
    return sorted((_summary(row) for row in found), key=lambda summary: id_order(summary.user_id))


def _summary(row: _Summary) -> facts.StudentSummary:
    tardy = row.tardiness_breakdown or _Tardiness()
    return facts.StudentSummary(
        user_id=str(row.id),
        page_views=row.page_views,
        participations=row.participations,
        total=int(tardy.total or 0),
        on_time=int(tardy.on_time or 0),
        late=int(tardy.late or 0),
        missing=int(tardy.missing or 0),
    )
