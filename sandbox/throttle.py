"""Canvas's leaky bucket, one a token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sandbox.behaviour import Behaviour

CEILING = 800.0


class Buckets:
    """`admit` before the work, `settle` after it with the real cost."""

    def __init__(self, behaviour: Behaviour, clock: Callable[[], float]) -> None:
        self._behaviour = behaviour
        self._clock = clock
        self._count: defaultdict[str, float] = defaultdict(float)
        self._touched: dict[str, float] = {}

    def admit(self, key: str) -> bool:
        """Charge the up-front cost, or refuse when the bucket is at its high-water mark."""
        self._leak(key)
        if self._behaviour.throttling and self._count[key] >= self._behaviour.throttle_hwm:
            return False
        self._count[key] = min(CEILING, self._count[key] + self._behaviour.throttle_up_front)
        return True

    def settle(self, key: str, cost: float) -> float:
        """Replace the up-front cost by the real one; answers what remains."""
        self._leak(key)
        self._count[key] = min(CEILING, max(0.0, self._count[key] + cost - self._behaviour.throttle_up_front))
        return self._behaviour.throttle_hwm - self._count[key]

    def fill(self, key: str, remaining: float) -> None:
        """Set what remains, to test a client near its limit."""
        self._leak(key)
        self._count[key] = self._behaviour.throttle_hwm - remaining

    def reset(self) -> None:
        """Empty all buckets."""
        self._count.clear()
        self._touched.clear()

    def _leak(self, key: str) -> None:
        now = self._clock()
        idle = now - self._touched.get(key, now)
        self._touched[key] = now
        self._count[key] = max(0.0, self._count[key] - idle * self._behaviour.throttle_outflow)
