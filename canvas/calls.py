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


OnCall = Callable[[Call], None]


def ignore(_: Call) -> None:
    """Nobody is counting."""
