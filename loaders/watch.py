"""What is told about the cache's work, for whoever measures it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from domain.enums import SourceState


class Watch(Protocol):
    """Called often: nothing here may be slow or raise."""

    def readings(self, kind: str, states: Iterable[SourceState]) -> None:
        """What the cache answered, one state per fact."""

    def batch(self, kind: str, size: int) -> None:
        """So many facts are fetched from Canvas in one go."""


class Unwatched:
    """Nobody measures."""

    def readings(self, kind: str, states: Iterable[SourceState]) -> None:
        """Nothing to do."""

    def batch(self, kind: str, size: int) -> None:
        """Nothing to do."""
