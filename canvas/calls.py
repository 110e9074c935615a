"""What is told about each request to Canvas: enough to count and to bill, nothing to identify anybody by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["rest", "graphql"]


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt. `status` is None where no answer came; `cost` is Canvas's own `X-Request-Cost`."""

    provider: int
    kind: Kind
    method: str
    ms: float
    status: int | None
    cost: float | None
    throttled: bool = False


OnCall = Callable[[Call], None]


OnFlight = Callable[[int, int], None]
"""A provider, and by how much its requests in flight have changed: 1 or -1."""


def ignore(_: Call) -> None:
    """Nobody is counting."""


def ignore_flight(_: int, __: int) -> None:
    """Nobody is counting."""
