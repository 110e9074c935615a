"""What a Canvas turned out not to be able to do, remembered so that it is not tried with every batch."""

from __future__ import annotations

from collections.abc import Callable

from canvas.errors import GraphqlUnavailable

TRY_AGAIN_SECONDS = 3600.0
_ANY = ""


class GraphqlCapability:
    """Which documents, or all of them, were refused within the last hour. Asked behind the limiter, just before sending."""

    def __init__(self, provider: int, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._clock = clock
        self._refused: dict[str, float] = {}

    def require(self, document: str) -> None:
        """Raise GraphqlUnavailable where it is known to be refused."""
        now = self._clock()
        if any(now < self._refused.get(key, 0.0) for key in (_ANY, document)):
            raise GraphqlUnavailable(self._provider, "known to be refused")

    def refuse(self, document: str = _ANY) -> None:
        """Remember that a document, or the endpoint as a whole, was refused."""
        self._refused[document] = self._clock() + TRY_AGAIN_SECONDS
