"""What a Canvas says about itself."""

from __future__ import annotations

from typing import Any

from canvas.client import Canvas
from domain.errors import UpstreamForbidden, UpstreamMissing

CALENDAR_LIMIT = 10
MOST_CONTEXTS = 150
"""So many courses make an address of some 6 KB; servers take 8."""


async def show_calendar_limit(canvas: Canvas) -> int:
    """How many courses one calendar request may name.

    Source: GET /api/v1/settings/environment, `calendar_contexts_limit`; no more than an address holds.
    Quirk:  10 where the number is absent, older Canvas says `true`, and the oldest has no such address.
    """
    try:
        payload: Any = await canvas.get("settings/environment")
    except (UpstreamMissing, UpstreamForbidden):
        return CALENDAR_LIMIT
    limit = payload.get("calendar_contexts_limit") if isinstance(payload, dict) else None
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        return CALENDAR_LIMIT
    return min(limit, MOST_CONTEXTS)
