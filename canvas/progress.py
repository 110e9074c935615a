"""Jobs that Canvas runs on its own."""

from __future__ import annotations

from typing import Any

import msgspec

from canvas.client import Canvas
from canvas.payloads import Id, row
from domain import facts
from domain.errors import UpstreamUnreadable


class _Progress(msgspec.Struct):
    id: Id
    workflow_state: str
    completion: float | None = None
    message: str | None = None


class _Import(msgspec.Struct):
    groups: int | None = None
    users: int | None = None
    error: Any = None


async def show_progress(canvas: Canvas, progress_id: str) -> facts.Progress:
    """How far a job is.

    Source: GET /api/v1/progress/:id
    Errors: UpstreamForbidden without a right on what the job works on.
    """
    return read_progress(canvas.provider, await canvas.get(canvas.path("progress/{}", progress_id)))


def read_progress(provider: int, payload: Any) -> facts.Progress:
    """A Progress object, from wherever Canvas hands one out.

    Quirk:  the message of a finished CSV import is JSON in a text.
    """
    found = row(payload, _Progress)
    if found is None:
        raise UpstreamUnreadable(provider, "progress")
    result = _import(found.message)
    return facts.Progress(
        id=str(found.id),
        state=found.workflow_state,
        completion=found.completion,
        groups=result.groups,
        users=result.users,
        import_failed=bool(result.error),
    )


def _import(message: str | None) -> _Import:
    try:
        return row(msgspec.json.decode(message or "null"), _Import) or _Import()
    except msgspec.DecodeError:
        return _Import()
