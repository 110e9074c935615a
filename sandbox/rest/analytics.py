"""The analytics plugin's student summaries."""

from __future__ import annotations

from typing import Any

from sandbox.ask import Ask
from sandbox.paging import Listing
from sandbox.params import to_int
from sandbox.refusals import not_found
from sandbox.summaries import summary_of

COLUMNS = {"name", "score", "participations", "page_views"}


def student_summaries(ask: Ask) -> Listing:
    """404 without the plugin, in unpublished courses and where nobody studies or studied."""
    if not ask.behaviour.analytics_installed:
        raise not_found()
    course = ask.find.course(ask.path["course"])
    ask.caller.need_in("view_analytics", course)
    rows = ask.world.roster(course.id)
    ids = dict.fromkeys(r.user_id for r in rows if r.type == "StudentEnrollment" and r.state in {"active", "completed"})
    if course.state not in {"available", "completed"} or not ids:
        raise not_found()
    ids |= dict.fromkeys(r.user_id for r in rows if r.type == "StudentViewEnrollment")
    wanted = ask.params.text("student_id")
    items = [
        summary_of(key, course.id, page_views=ask.behaviour.page_views)
        for key in ids
        if wanted is None or key == to_int(wanted)
    ]
    return Listing(_sorted(ask, items), lambda item: item)


def _sorted(ask: Ask, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    asked = ask.params.text("sort_column") or "name"
    column = asked.removesuffix("_descending")
    if column not in COLUMNS:
        return items
    if column in {"participations", "page_views"}:
        items.sort(key=lambda item: item[column] or 0)
    return items[::-1] if asked.endswith("_descending") else items
