"""Indexes of facts: pure functions of one fact, worked out once per process and dropped with the fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F")
D = TypeVar("D")


class Derived:
    """One index per provider and name. It holds nothing that a link, a viewer or the time of day could change."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], tuple[Any, Any]] = {}

    def of(self, provider: int, name: str, fact: F, make: Callable[[F], D]) -> D:
        """`make(fact)`, remembered until the provider has another fact."""
        kept = self._kept.get((provider, name))
        if kept is None or kept[0] is not fact:
            kept = self._kept[provider, name] = (fact, make(fact))
        made: D = kept[1]
        return made
