"""Global ids: base64url of `ConcreteType:source:key[:parent]`. Opaque to clients, typed refs to us."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeVar

import strawberry

from domain import refs
from domain.errors import BadIdError
from domain.problems import NotFound, ReadOnly
from domain.refs import Ref, key_of

R = TypeVar("R")
N = TypeVar("N", bound=refs.NativeRef)

_BY_NAME: dict[str, tuple[type[Ref], ...]] = {}


def register(*ref_types: type[Ref]) -> None:
    """Make refs decodable. Types that share a name are told apart by their source and parent."""
    for ref_type in ref_types:
        _BY_NAME[ref_type.type_name] = (*_BY_NAME.get(ref_type.type_name, ()), ref_type)


register(
    refs.FacilityRef,
    refs.UserRef,
    refs.ProviderRef,
    refs.ProviderLinkRef,
    refs.NativeProgramRef,
    refs.NativeClassRef,
    refs.NativeEnrollmentRef,
    refs.AuditEntryRef,
    refs.MatchApplicationRef,
    refs.SyncRunRef,
    refs.TeamRef,
    refs.PushPlanRef,
    refs.CanvasProgramRef,
    refs.CanvasClassRef,
    refs.CanvasEnrollmentRef,
    refs.RoomRef,
    refs.HolidayRef,
    refs.CalendarFeedRef,
    refs.NativeEventRef,
    refs.CanvasEventRef,
)


def encode(ref: Ref) -> strawberry.ID:
    """The id of an object, the same for every viewer and for ever."""
    return encode_text(key_of(ref))


def encode_text(text: str) -> strawberry.ID:
    """The id of the ref whose parts are `text`."""
    return strawberry.ID(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def decode(id: str) -> Ref:
    """The ref of an id. Raises BadIdError for anything that `encode` did not make."""
    try:
        text = base64.urlsafe_b64decode(id + "=" * (-len(id) % 4)).decode()
        name, source, key, *parents = text.split(":")
    except (binascii.Error, ValueError) as error:
        raise BadIdError("This is not an id of ours.") from error
    for ref_type in _BY_NAME.get(name, ()):
        try:
            ref = ref_type.from_parts(source, key, parents[0] if parents else None)
        except (ValueError, OverflowError):
            continue
        if encode(ref) == id.rstrip("="):
            return ref
    raise BadIdError("This is not an id of ours.")


def decode_as(id: str, wanted: type[N]) -> N:
    """The ref of an id that must name a row of ours of that kind. Raises BadIdError."""
    ref = decode(id)
    if isinstance(ref, wanted):
        return ref
    raise BadIdError(f"This is not the id of a {wanted.type_name}.")


def program_ref(id: str) -> refs.ProgramRef:
    """The ref of a program of either source. Raises BadIdError."""
    ref = decode(id)
    if isinstance(ref, refs.NativeProgramRef | refs.CanvasProgramRef):
        return ref
    raise BadIdError("This is not the id of a program.")


def class_ref(id: str) -> refs.ClassRef:
    """The ref of a class of either source. Raises BadIdError."""
    ref = decode(id)
    if isinstance(ref, refs.NativeClassRef | refs.CanvasClassRef):
        return ref
    raise BadIdError("This is not the id of a class.")


def enrollment_ref(id: str) -> refs.EnrollmentRef:
    """The ref of an enrolment of either source. Raises BadIdError."""
    ref = decode(id)
    if isinstance(ref, refs.NativeEnrollmentRef | refs.CanvasEnrollmentRef):
        return ref
    raise BadIdError("This is not the id of an enrolment.")


def input_ref(id: str, path: str, read: Callable[[str], R]) -> R:
    """The ref of an id in a mutation's input field `path`. Raises the typed NotFound that names the field."""
    try:
        return read(id)
    except BadIdError as error:
        raise NotFound(str(error), [path]) from error


def input_key(id: str, path: str, wanted: type[N]) -> int:
    """The number of a row of ours named in a mutation's input field `path`."""
    return input_ref(id, path, lambda text: decode_as(text, wanted)).id


def input_event(id: str, path: str) -> refs.NativeEventRef:
    """The occurrence of ours named in a mutation's input field `path`. Raises the typed ReadOnly for one of Canvas."""
    ref = input_ref(id, path, decode)
    if isinstance(ref, refs.CanvasEventRef):
        raise ReadOnly("This event is managed in Canvas. Data is read-only.", [path])
    if not isinstance(ref, refs.NativeEventRef):
        raise NotFound("This is not the id of an event.", [path])
    return ref
