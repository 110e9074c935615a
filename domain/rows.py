"""Rows of our own database as they leave it: frozen, without secrets, instants aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.enums import (
    CanvasAccountState,
    ClassStatus,
    EnrollmentStatus,
    LoginState,
    MatchPolicy,
    ProviderKind,
    ProviderState,
    Role,
)
from domain.refs import (
    AuditEntryRef,
    FacilityRef,
    NativeClassRef,
    NativeEnrollmentRef,
    NativeProgramRef,
    ProviderLinkRef,
    ProviderRef,
    UserRef,
)


@dataclass(frozen=True, slots=True)
class Facility:
    """`time_zone` is an IANA name."""

    id: int
    name: str
    sort_key: str
    time_zone: str

    @property
    def ref(self) -> FacilityRef:
        return FacilityRef(self.id)


@dataclass(frozen=True, slots=True)
class User:
    """One of our people, whether or not they are still active."""

    id: int
    username: str
    first_name: str
    last_name: str
    sort_key: str
    email: str | None
    doc_id: str | None
    role: Role
    facility_id: int | None
    deactivated_at: datetime | None
    created_at: datetime

    @property
    def ref(self) -> UserRef:
        return UserRef(self.id)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Provider:
    """`facility_ids` are the facilities where it is switched on; None: everywhere."""

    id: int
    name: str
    sort_key: str
    kind: ProviderKind
    state: ProviderState
    base_url: str
    account_id: str
    access_key_fingerprint: str | None
    match_policy: MatchPolicy
    nightly_sync: bool
    facility_ids: tuple[int, ...] | None

    @property
    def ref(self) -> ProviderRef:
        return ProviderRef(self.id)

    @property
    def has_access_key(self) -> bool:
        return self.access_key_fingerprint is not None


@dataclass(frozen=True, slots=True)
class OidcClient:
    """The registration in use of a provider, without its secret."""

    provider_id: int
    client_id: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    canvas_provider_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """One of our people and a Canvas account; live while `unlinked_at` is None."""

    id: int
    user_id: int
    provider_id: int
    external_user_id: str
    external_username: str | None
    canvas_name: str | None
    canvas_name_at: datetime | None
    canvas_state: CanvasAccountState
    merged_into_id: str | None
    login_state: LoginState
    linked_at: datetime
    linked_by_id: int | None
    unlinked_at: datetime | None
    unlinked_by_id: int | None
    undo_until: datetime | None

    @property
    def ref(self) -> ProviderLinkRef:
        return ProviderLinkRef(self.id)


class LiveLink(NamedTuple):
    """What counting and rosters need of a live link of an active student."""

    provider_id: int
    external_user_id: str
    user_id: int
    facility_id: int | None


@dataclass(frozen=True, slots=True)
class Program:
    """A native program."""

    id: int
    name: str
    sort_key: str
    description: str | None
    is_active: bool
    types: tuple[str, ...]
    credit_types: tuple[str, ...]
    funding_type: str | None
    archived_at: datetime | None
    created_at: datetime

    @property
    def ref(self) -> NativeProgramRef:
        return NativeProgramRef(self.id)


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A native class. Its dates are days in `time_zone`, its facility's."""

    id: int
    program_id: int
    facility_id: int
    time_zone: str
    name: str
    sort_key: str
    description: str | None
    status: ClassStatus
    start_date: date | None
    end_date: date | None
    capacity: int | None
    credit_hours: float | None
    instructors: tuple[str, ...]
    created_at: datetime

    @property
    def ref(self) -> NativeClassRef:
        return NativeClassRef(self.id)


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A native enrolment. `sort_key` is its person's."""

    id: int
    school_class_id: int
    user_id: int
    sort_key: str
    status: EnrollmentStatus
    enrolled_at: datetime | None
    ended_at: datetime | None
    created_at: datetime

    @property
    def ref(self) -> NativeEnrollmentRef:
        return NativeEnrollmentRef(self.id)


@dataclass(frozen=True, slots=True)
class EnrollmentChange:
    """One step in an enrolment's history. `from_status` is None for the first."""

    id: int
    enrollment_id: int
    from_status: EnrollmentStatus | None
    to_status: EnrollmentStatus
    at: datetime
    by_id: int | None
    reason: str | None


class ProgramCounts(NamedTuple):
    """Enrolments of one program's classes, `total` of whatever status.

    `active`: ENROLLED in an ACTIVE class; `residents`: the people behind them; `seated`: those of them in a class
    with a capacity.
    """

    active: int
    residents: int
    enrolled: int
    completed: int
    total: int
    seated: int = 0


class ClassTotals(NamedTuple):
    """Classes of one program. `capacity`: the seats of its ACTIVE classes, None where none of them has a limit."""

    classes: int
    active: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """That a student's data was shown to `viewer_id` in that `hour`. `operation` may be empty."""

    id: int
    student_id: int
    viewer_id: int
    operation: str
    document: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which object. `actor_id` is None for background work."""

    id: int
    at: datetime
    actor_id: int | None
    facility_id: int | None
    action: str
    object_type: str
    object_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None

    @property
    def ref(self) -> AuditEntryRef:
        return AuditEntryRef(self.id)
