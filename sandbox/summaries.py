"""Analytics numbers of one student in one course: made from their ids, so that they stay the same."""

from __future__ import annotations

from typing import Any

MAX_PAGE_VIEWS = 415
MAX_PARTICIPATIONS = 20


def summary_of(user_id: int, course_id: int, *, page_views: bool) -> dict[str, Any]:
    """One item of the analytics list; page views are null where they are not recorded."""
    views = (user_id * 37 + course_id * 11) % (MAX_PAGE_VIEWS + 1)
    parts = (user_id * 7 + course_id) % (MAX_PARTICIPATIONS + 1)
    on_time, late, missing = user_id % 7, course_id % 3, (user_id + course_id) % 4
    return {
        "id": user_id,
        "page_views": views if page_views else None,
        "max_page_views": MAX_PAGE_VIEWS if page_views else None,
        "page_views_level": min(3, views // 110) if page_views else None,
        "participations": parts,
        "max_participations": MAX_PARTICIPATIONS,
        "participations_level": min(3, parts // 6),
        "tardiness_breakdown": {
            "total": on_time + late + missing + 1,
            "on_time": on_time,
            "late": late,
            "missing": missing,
            "floating": 1,
        },
    }
