"""Checking what people typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from domain.problems import InvalidInput
from domain.texts import ODD, input_name

LONGEST = 255
_TURNS_TEXT = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that show text in another order than it is written in, so that one name can pose as another."""

Rule = Callable[[Any, str], object]
"""From a value and the input field it stands in to what the column holds. Errors: InvalidInput naming the field."""


def required(value: str | None, path: str, longest: int = LONGEST) -> str:
    """The text without outer white space. Errors: InvalidInput for an empty or too long one."""
    text = optional(value, path, longest)
    if text is None:
        raise InvalidInput("This must not be empty.", [path])
    return text


def optional(value: str | None, path: str, longest: int = LONGEST) -> str | None:
    """The same where nothing is allowed: None for an empty text."""
    text = (value or "").strip()
    if len(text) > longest:
        raise InvalidInput(f"This may have {longest} characters at most.", [path])
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\r\n\t" for c in text):
        raise InvalidInput(ODD, [path])
    return text or None


def words(values: Sequence[str] | None, path: str) -> list[str]:
    """Distinct names in the order given."""
    return list(dict.fromkeys(name(value, path) for value in values or ()))


def name(value: str | None, path: str) -> str:
    """A name in one line: letters of every script, hyphens and apostrophes stay as they are.

    Errors: InvalidInput for an empty or too long one.
    """
    found = optional_name(value, path)
    if not found:
        raise InvalidInput("This must not be empty.", [path])
    return found


def optional_name(value: str | None, path: str) -> str:
    """The same where nothing is allowed, as for the last name of people who have one name only: an empty text."""
    text = unicodedata.normalize("NFC", " ".join((optional(value, path) or "").split()))
    if _TURNS_TEXT.intersection(text):
        raise InvalidInput(ODD, [path])
    return text


def username(value: str | None, path: str) -> str:
    """A name to sign in with: one word. Errors: InvalidInput."""
    found = name(value, path)
    if " " in found:
        raise InvalidInput("A user name has no spaces.", [path])
    return found


def email(value: str | None, path: str) -> str | None:
    """An address with something on both sides of its last @, or None. Errors: InvalidInput."""
    found = optional(value, path, 320)
    if found is None:
        return None
    local, _, domain = found.rpartition("@")
    if not local or not domain or any(c.isspace() for c in found):
        raise InvalidInput("This is not an e-mail address.", [path])
    return found


def anything(value: Any, path: str) -> Any:
    """A value whose type says all there is to check, or None."""
    del path
    return value


def given(value: Any, path: str) -> Any:
    """The same of what has to be there. Errors: InvalidInput for null."""
    if value is None:
        raise InvalidInput("This must not be empty.", [path])
    return value


def between(value: float | None, path: str, least: float, most: float) -> float | None:
    """A number in those bounds, or None. Errors: InvalidInput."""
    if value is not None and not least <= value <= most:
        raise InvalidInput(f"This is a number from {least:g} to {most:g}.", [path])
    return value


def checked(fields: Mapping[str, object], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The columns to write: each field that is there, by its rule. Errors: InvalidInput naming the field."""
    return {name: rule(fields[name], input_name(name)) for name, rule in rules.items() if name in fields}


LONG_TEXT: Rule = partial(optional, longest=5_000)
