"""Decisions about pairs, and steps that linked many at once, as they leave the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.enums import MatchDecision, MatchPolicy
from domain.refs import MatchApplicationRef


class Student(NamedTuple):
    """One of our active students, as far as matching looks at them."""

    user_id: int
    first_name: str
    last_name: str
    username: str
    doc_id: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class MatchDraft:
    """`in_scope`: whether the person exists for the viewer."""

    canvas_user_id: str
    user_id: int
    decision: MatchDecision
    decided_by_id: int | None
    decided_at: datetime
    in_scope: bool


@dataclass(frozen=True, slots=True)
class StoredReport:
    """`payload` is packed by the service that reads it."""

    fingerprint: str
    computed_at: datetime
    payload: bytes


@dataclass(frozen=True, slots=True)
class MatchApplication:
    """Links made in one step. `facility_id`: the facility of the admin who took it, None for department admins."""

    id: int
    provider_id: int
    facility_id: int | None
    applied_by_id: int | None
    applied_at: datetime
    undone_at: datetime | None

    @property
    def ref(self) -> MatchApplicationRef:
        return MatchApplicationRef(self.id)


@dataclass(frozen=True, slots=True)
class ReportKey:
    """Which report: of one facility or, with None, of all."""

    provider: int
    facility: int | None
    policy: MatchPolicy
