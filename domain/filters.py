"""What a list may be narrowed to. None: not narrowed. `facility_id` asks for that facility's view (behaviours D-09)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.enums import ClassStatus, EnrollmentStatus, Role, Source, SyncKind, SyncState
from domain.names import fold
from domain.refs import ClassRef, ProgramRef


def words(search: str | None) -> list[str]:
    """What has to stand in a folded text, all of it, for the text to be found."""
    return fold(search or "").split()


def holds_words(search: str | None, text: str) -> bool:
    """Whether every word of `search` stands somewhere in `text`, accents and case ignored."""
    folded = fold(text)
    return all(word in folded for word in words(search))


@dataclass(frozen=True, slots=True)
class ProgramFilter:
    """`archived`: None for both kinds."""

    source: Source | None = None
    facility_id: int | None = None
    search: str | None = None
    is_active: bool | None = None
    archived: bool | None = False

    def wants(self, source: Source) -> bool:
        """Whether rows of that source can be in the list at all."""
        return self.source in (None, source)

    def finds(self, name: str) -> bool:
        """Whether a row of that name is searched for."""
        return holds_words(self.search, name)


@dataclass(frozen=True, slots=True)
class ClassFilter:
    source: Source | None = None
    program: ProgramRef | None = None
    facility_id: int | None = None
    status: Collection[ClassStatus] | None = None
    search: str | None = None

    def wants(self, source: Source) -> bool:
        """Whether rows of that source can be in the list at all."""
        return self.source in (None, source) and (self.program is None or self.program.source is source)

    def finds(self, name: str, status: ClassStatus) -> bool:
        """Whether a class of that name and status is searched for."""
        return holds_words(self.search, name) and (self.status is None or status in self.status)


@dataclass(frozen=True, slots=True)
class CalendarFilter:
    """`classes`: only events of these."""

    source: Source | None = None
    facility_id: int | None = None
    classes: Collection[ClassRef] | None = None
    user_id: int | None = None

    def wants(self, source: Source) -> bool:
        """Whether events of that source can be in the answer at all."""
        of_source = self.classes is None or any(ref.source is source for ref in self.classes)
        return self.source in (None, source) and of_source


@dataclass(frozen=True, slots=True)
class RosterFilter:
    status: Collection[EnrollmentStatus] | None = (EnrollmentStatus.ENROLLED,)


@dataclass(frozen=True, slots=True)
class UserFilter:
    """`search` looks at name, user name and document id. `linked_to`, `not_linked_to`: a provider's number; `sites` then
    are the facilities where that provider is on, None: everywhere.
    """

    facility_id: int | None = None
    role: Role | None = None
    search: str | None = None
    linked_to: int | None = None
    not_linked_to: int | None = None
    sites: frozenset[int] | None = None
    active: bool | None = True


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`object_type` with `object_key`: the history of one object. From `since` on, and before `until`."""

    action: str | None = None
    actor_id: int | None = None
    object_type: str | None = None
    object_key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SyncRunFilter:
    """`school_class`: only runs about that one class. `provider_id`: those of its classes too."""

    school_class: ClassRef | None = None
    provider_id: int | None = None
    kinds: Collection[SyncKind] | None = None
    states: Collection[SyncState] | None = None


@dataclass(frozen=True, slots=True)
class TeamFilter:
    """`facility_id`: teams that belong to it, and teams with its people."""

    source: Source | None = None
    school_class: ClassRef | None = None
    facility_id: int | None = None
    search: str | None = None
