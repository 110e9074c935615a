"""Texts that cannot be kept: PostgreSQL takes no U+0000, and half a surrogate pair is no character in UTF-8."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

ODD = "This holds characters that cannot be shown."
_ODD = re.compile("[\0\ud800-\udfff]")
Path = tuple[str, ...]


def is_odd(text: str) -> bool:
    """Whether it can be neither kept nor looked for."""
    return _ODD.search(text) is not None


def odd_text(value: object, path: Path = ()) -> Path | None:
    """Where in a value such a text stands first, by the names of mappings and dataclasses; None: nowhere."""
    if isinstance(value, str):
        return path if is_odd(value) else None
    return next((found for name, part in _parts(value) if (found := odd_text(part, (*path, *name))) is not None), None)


def _parts(value: object) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        yield from (((str(name),), part) for name, part in value.items())
    elif isinstance(value, list | tuple):
        yield from (((), part) for part in value)
    elif dataclasses.is_dataclass(value):
        yield from (((input_name(field.name),), getattr(value, field.name)) for field in dataclasses.fields(value))


def input_name(column: str) -> str:
    """The input field of a column: firstName of first_name."""
    first, *others = column.split("_")
    return first + "".join(map(str.capitalize, others))
