"""Checking what people typed."""

from __future__ import annotations

from collections.abc import Sequence

from domain.problems import InvalidInput

LONGEST = 255


def required(value: str, path: str, longest: int = LONGEST) -> str:
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
    if any(ord(c) < 32 and c not in "\n\t" for c in text):
        raise InvalidInput("This holds characters that cannot be shown.", [path])
    return text or None


def words(values: Sequence[str], path: str) -> list[str]:
    """Distinct texts in the order given."""
    return list(dict.fromkeys(required(value, path) for value in values))
