"""Teams, and what a push would change in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from domain.enums import PushOutcome, Source
from domain.refs import CanvasClassRef, ClassRef, NativeClassRef, PushPlanRef, TeamRef, key_of

NO_GROUPS = "No Canvas groups found — please create Teams manually."
Seen = Mapping[str, int | None]
"""Canvas user id → the person it was linked to when Canvas was last read."""


@dataclass(frozen=True, slots=True)
class Team:
    """`seen` is what Canvas last showed of its group, None before the first time; `gone_at`: the group has vanished."""

    id: int
    name: str
    sort_key: str
    description: str | None
    source: Source
    class_key: str
    set_key: str
    school_class_id: int | None
    provider_id: int | None
    course_id: str | None
    facility_id: int | None
    canvas_group_id: str | None
    canvas_set_id: str | None
    canvas_set_name: str | None
    seen: Seen | None
    last_synced_at: datetime | None
    gone_at: datetime | None
    created_at: datetime

    @property
    def ref(self) -> TeamRef:
        return TeamRef(self.id)

    @property
    def school_class(self) -> ClassRef | None:
        """The class it belongs to."""
        if self.course_id is not None and self.provider_id is not None:
            return CanvasClassRef(self.provider_id, self.course_id)
        return NativeClassRef(self.school_class_id) if self.school_class_id is not None else None


def class_key(ref: ClassRef | None) -> str:
    """A class in a constraint: never null."""
    return key_of(ref) if ref is not None else ""


def set_key(set_id: str, group_id: str, *, student_organized: bool) -> str:
    """A Canvas group set in a constraint. In student-organised sets a person may be in several groups."""
    return f"{set_id}/{group_id}" if student_organized else set_id


class Membership(NamedTuple):
    """A live membership."""

    id: int
    team_id: int
    user_id: int
    source: Source


class Planned(msgspec.Struct, frozen=True):
    """One person in a plan. `reason` says why they are skipped, `code` the same for machines."""

    canvas_user_id: str | None
    user_id: int | None
    code: str | None = None
    reason: str | None = None


class Move(msgspec.Struct, frozen=True):
    """One person who comes from another team of the same set."""

    member: Planned
    from_team_id: int


class TeamChange(msgspec.Struct, frozen=True):
    """What a push would do to one group. `there`: everybody in it when the plan was made; `limit`: its most members."""

    team_id: int
    group_id: str
    set_id: str
    there: tuple[str, ...]
    limit: int | None
    adds: tuple[Planned, ...] = ()
    removes: tuple[Planned, ...] = ()
    moves: tuple[Move, ...] = ()
    keeps: int = 0
    skipped: tuple[Planned, ...] = ()

    @property
    def changes_canvas(self) -> bool:
        return bool(self.adds or self.removes or self.moves)


class Result(msgspec.Struct, frozen=True):
    """What a push did to one person."""

    team_id: int
    canvas_user_id: str
    user_id: int | None
    outcome: PushOutcome
    from_team_id: int | None = None


@dataclass(frozen=True, slots=True)
class PushPlan:
    """A stored plan for the groups of one course. `outcome` is set once it was carried out."""

    id: int
    provider_id: int
    course_id: str
    requested_by_id: int | None
    facility_id: int | None
    undo_of_id: int | None
    changes: tuple[TeamChange, ...]
    brake: str | None
    created_at: datetime
    expires_at: datetime
    applied_by_run_id: int | None

    @property
    def ref(self) -> PushPlanRef:
        return PushPlanRef(self.id)

    @property
    def school_class(self) -> CanvasClassRef:
        return CanvasClassRef(self.provider_id, self.course_id)
