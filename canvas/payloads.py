"""Canvas's JSON into structs. One bad field costs that field, one bad row that row, never the list.

Every field but the id may be absent, null or of another type. Ids are texts, exact beyond 2^53.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")
Id = (
    Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_~-]{1,64}\Z")] | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
)
"""What Canvas calls an object by, as it is sent back and stands in ids of ours; a row with any other id is no row."""

A_TURN = 1000
LONGEST_NAME = 255
_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f<>\"]+", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1971, 2999


def rows(payload: Any, shape: type[S]) -> list[S]:
    """The rows that are of that shape, in order; what is no list is none."""
    if not isinstance(payload, list):
        return []
    try:
        return msgspec.convert(payload, list[shape])  # type: ignore[valid-type]
    except msgspec.ValidationError:
        return [row for row in map(_lenient(shape), payload) if row is not None]


async def made_of(payload: Any, shape: type[S], make: Callable[[S], T]) -> list[T]:
    """What `make` makes of each row of a list that may be long: others get a turn every thousand rows."""
    made: list[T] = []
    items = payload if isinstance(payload, list) else []
    for start in range(0, len(items), A_TURN):
        made += map(make, rows(items[start : start + A_TURN], shape))
        await asyncio.sleep(0)
    return made


def row(payload: Any, shape: type[S]) -> S | None:
    """One object, None where its required fields are missing."""
    try:
        return msgspec.convert(payload, shape)
    except msgspec.ValidationError:
        return _lenient(shape)(payload)


def _lenient(shape: type[S]) -> Callable[[Any], S | None]:
    fields = msgspec.structs.fields(shape)

    def convert(payload: Any) -> S | None:
        if not isinstance(payload, dict):
            return None
        kept = {f.encode_name: payload[f.encode_name] for f in fields if _fits(payload, f)}
        try:
            return msgspec.convert(kept, shape)
        except msgspec.ValidationError:
            return None

    return convert


def _fits(payload: dict[str, Any], field: msgspec.structs.FieldInfo) -> bool:
    if field.encode_name not in payload:
        return False
    try:
        msgspec.convert(payload[field.encode_name], field.type)
    except msgspec.ValidationError:
        return False
    return True


def id_text(value: Any) -> str | None:
    """An id as text; None for what is none."""
    try:
        return str(msgspec.convert(value, Id))
    except msgspec.ValidationError:
        return None


def text(value: str | None) -> str | None:
    """The text without blanks around it, None for an empty one.

    Quirk:  no U+0000 either: PostgreSQL takes none, and one such name would stop all that is written with it.
    """
    return (value or "").replace("\0", "").strip() or None


def name(value: str | None) -> str | None:
    """The same, as long as Canvas lets a name be: one that is longer is cut, and fits into a column and a comparison."""
    return (text(value) or "")[:LONGEST_NAME].strip() or None


def web_address(value: str | None) -> str | None:
    """An absolute http or https address in one line, None for anything else: it stands behind clicks and in files."""
    found = text(value) or ""
    return found if _WEB.fullmatch(found) else None


def utc(value: datetime | None) -> datetime | None:
    """An aware UTC instant; one without a zone is taken as UTC.

    Quirk:  years like 1, 1970 and 9999 stand for "unknown" or "never" in what is imported into Canvas (AC-01).
    """
    if value is None or not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def day(value: date | None) -> date | None:
    """The day, None outside the same years."""
    return value if value is not None and _FIRST_YEAR <= value.year <= _LAST_YEAR else None


def earliest(values: Iterable[datetime | None]) -> datetime | None:
    """The first known instant, as UTC."""
    return min((v for v in map(utc, values) if v is not None), default=None)


def latest(values: Iterable[datetime | None]) -> datetime | None:
    """The last known instant, as UTC."""
    return max((v for v in map(utc, values) if v is not None), default=None)


def by_id(ids: Iterable[str]) -> list[str]:
    """Ids in numeric order, as Canvas lists them."""
    return sorted(ids, key=id_order)


def id_order(text_id: str) -> tuple[int, int | str]:
    """The sort key of ascending ids; what is no number comes last."""
    return (0, int(text_id)) if text_id.isdecimal() else (1, text_id)
