"""One way to compare names, the same on every database and for both sources."""

from __future__ import annotations

import unicodedata


def fold(name: str) -> str:
    """Decompose, drop the marks, casefold: the `sort_key` of every named row, compared by code point."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def person_key(first_name: str, last_name: str) -> str:
    """The sort key of a person: their full name, folded."""
    return fold(f"{first_name} {last_name}".strip())
