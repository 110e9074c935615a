"""Names for things, whichever system holds them. A bare id is never passed between floors.

Every ref knows its `parts`: `ConcreteType`, source (`native` or the provider's number), key and, where the key alone
is not unique there, its parent. The global id of the API is those parts, encoded (behaviours D-01).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from domain.enums import Source

NATIVE = "native"
_MOST = 2**31 - 1
_CANVAS_ID = re.compile(r"[A-Za-z0-9_~-]{1,64}")


def number(text: str) -> int:
    """The number of a row of ours. Raises ValueError for what no row of either database can have."""
    found = int(text)
    if not 0 < found <= _MOST:
        raise ValueError(text)
    return found


def canvas_id(text: str) -> str:
    """An id of Canvas's, as it is. Raises ValueError for what Canvas calls nothing."""
    if not _CANVAS_ID.fullmatch(text):
        raise ValueError(text)
    return text


@dataclass(frozen=True, slots=True)
class NativeRef:
    """A row of our own database."""

    type_name: ClassVar[str]
    source: ClassVar[Source] = Source.NATIVE
    id: int

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, NATIVE, str(self.id))

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if source != NATIVE or parent is not None:
            raise ValueError(source)
        return cls(number(key))


@dataclass(frozen=True, slots=True)
class FacilityRef(NativeRef):
    type_name = "Facility"


@dataclass(frozen=True, slots=True)
class UserRef(NativeRef):
    type_name = "User"


@dataclass(frozen=True, slots=True)
class ProviderRef(NativeRef):
    type_name = "Provider"


@dataclass(frozen=True, slots=True)
class ProviderLinkRef(NativeRef):
    type_name = "ProviderLink"


@dataclass(frozen=True, slots=True)
class NativeProgramRef(NativeRef):
    type_name = "NativeProgram"


@dataclass(frozen=True, slots=True)
class NativeClassRef(NativeRef):
    type_name = "NativeClass"


@dataclass(frozen=True, slots=True)
class NativeEnrollmentRef(NativeRef):
    type_name = "Enrollment"


@dataclass(frozen=True, slots=True)
class AuditEntryRef(NativeRef):
    type_name = "AuditEntry"


@dataclass(frozen=True, slots=True)
class MatchApplicationRef(NativeRef):
    type_name = "MatchApplication"


@dataclass(frozen=True, slots=True)
class TeamRef(NativeRef):
    type_name = "Team"


@dataclass(frozen=True, slots=True)
class RoomRef(NativeRef):
    type_name = "Room"


@dataclass(frozen=True, slots=True)
class HolidayRef(NativeRef):
    type_name = "Holiday"


@dataclass(frozen=True, slots=True)
class CalendarFeedRef(NativeRef):
    type_name = "CalendarFeed"


@dataclass(frozen=True, slots=True)
class SyncRunRef(NativeRef):
    type_name = "SyncRun"


@dataclass(frozen=True, slots=True)
class PushPlanRef(NativeRef):
    type_name = "PushPlan"


@dataclass(frozen=True, slots=True)
class CanvasProgramRef:
    """The one program that a Canvas instance is shown as."""

    type_name: ClassVar[str] = "CanvasProgram"
    source: ClassVar[Source] = Source.CANVAS
    provider: int

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, str(self.provider), str(self.provider))

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if source != key or parent is not None:
            raise ValueError(source)
        return cls(number(source))


@dataclass(frozen=True, slots=True)
class CanvasClassRef:
    """A published Canvas course. `course_id` is Canvas's own id, as a string."""

    type_name: ClassVar[str] = "CanvasClass"
    source: ClassVar[Source] = Source.CANVAS
    provider: int
    course_id: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, str(self.provider), self.course_id)

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if parent is not None:
            raise ValueError(parent)
        return cls(number(source), canvas_id(key))


@dataclass(frozen=True, slots=True)
class CanvasEnrollmentRef:
    """One person in one Canvas course, however many sections they are in."""

    type_name: ClassVar[str] = "Enrollment"
    source: ClassVar[Source] = Source.CANVAS
    provider: int
    course_id: str
    canvas_user_id: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, str(self.provider), self.canvas_user_id, self.course_id)

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if parent is None:
            raise ValueError(key)
        return cls(number(source), canvas_id(parent), canvas_id(key))


@dataclass(frozen=True, slots=True)
class NativeEventRef:
    """One occurrence of one of our events, named by its wall-clock start as the rule gives it (`20260302T150000`).

    With an `M` behind it: where that occurrence was moved to.
    """

    type_name: ClassVar[str] = "NativeEvent"
    source: ClassVar[Source] = Source.NATIVE
    event: int
    occurrence: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, NATIVE, self.occurrence, str(self.event))

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if source != NATIVE or parent is None or not _OCCURRENCE.fullmatch(key):
            raise ValueError(key)
        return cls(number(parent), key)

    @property
    def is_moved(self) -> bool:
        return self.occurrence.endswith("M")

    @property
    def original(self) -> Self:
        """The occurrence itself, wherever it was moved."""
        return type(self)(self.event, self.occurrence.removesuffix("M"))

    @property
    def moved(self) -> Self:
        """Where the occurrence was moved."""
        return type(self)(self.event, f"{self.original.occurrence}M")


_OCCURRENCE = re.compile(r"\d{8}T\d{6}M?")


@dataclass(frozen=True, slots=True)
class CanvasEventRef:
    """One row of a Canvas course's calendar."""

    type_name: ClassVar[str] = "CanvasEvent"
    source: ClassVar[Source] = Source.CANVAS
    provider: int
    course_id: str
    event_id: str

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.type_name, str(self.provider), self.event_id, self.course_id)

    @classmethod
    def from_parts(cls, source: str, key: str, parent: str | None) -> Self:
        if parent is None:
            raise ValueError(key)
        return cls(number(source), canvas_id(parent), canvas_id(key))


EventRef = NativeEventRef | CanvasEventRef
ProgramRef = NativeProgramRef | CanvasProgramRef
ClassRef = NativeClassRef | CanvasClassRef
EnrollmentRef = NativeEnrollmentRef | CanvasEnrollmentRef
Ref = NativeRef | CanvasProgramRef | CanvasClassRef | CanvasEnrollmentRef | NativeEventRef | CanvasEventRef


def key_of(ref: Ref) -> str:
    """The ref's parts in one string: the tie-break of every sort order and the text of its global id."""
    return ":".join(ref.parts)
