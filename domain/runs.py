"""Long work as it is shown: where a run is, what it did and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.enums import SyncKind, SyncState
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef, SyncRunRef


@dataclass(frozen=True, slots=True)
class SyncRun:
    """`facility_id` is the facility of the admin who asked, None for department admins and the schedule.

    `current` counts in whatever `step` works on; `total` is None where that is not known. `created` to `skipped` are
    what the kind of run counts: teams and memberships, links, people.
    """

    id: int
    kind: SyncKind
    state: SyncState
    provider_id: int | None
    school_class_id: int | None
    course_id: str | None
    facility_id: int | None
    requested_by_id: int | None
    parameters: dict[str, Any]
    step: str | None
    current: int
    total: int | None
    message: str | None
    created: int
    updated: int
    removed: int
    unchanged: int
    skipped: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ref(self) -> SyncRunRef:
        return SyncRunRef(self.id)

    @property
    def school_class(self) -> ClassRef | None:
        """The one class it is about."""
        if self.course_id is not None and self.provider_id is not None:
            return CanvasClassRef(self.provider_id, self.course_id)
        return NativeClassRef(self.school_class_id) if self.school_class_id is not None else None


@dataclass(frozen=True, slots=True)
class SyncIssue:
    """One thing that a run could not do, or that somebody should look at. `code` is stable, `message` is a sentence."""

    id: int
    run_id: int
    code: str
    message: str
    team_id: int | None
    course_id: str | None
    canvas_user_id: str | None
    at: datetime
