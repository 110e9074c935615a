"""When a failed request is tried again, and how long to wait before."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from canvas.errors import ServerFault, Unreachable
from domain.errors import UpstreamError, UpstreamThrottled, UpstreamTimeout

TRIES = 4
SLOW_TRIES = 2
THROTTLE_TRIES = 6
BASE = 0.25
THROTTLE_BASE = 1.0
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock, the waiting and the dice; tests bring their own. All in seconds."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform


class Budget:
    """Retries are at most a tenth of the calls, with a floor of one a second, ten saved up.

    A Canvas in trouble so never sees its load multiplied.
    """

    SHARE = 0.1
    A_SECOND = 1.0
    MOST = 10.0

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._saved = self.MOST
        self._at = clock()

    def called(self) -> None:
        """A first try was made."""
        self._saved = min(self.MOST, self._saved + self.SHARE)

    def take(self) -> bool:
        """Whether one more retry may be made; it is taken."""
        now = self._clock()
        self._saved = min(self.MOST, self._saved + (now - self._at) * self.A_SECOND)
        self._at = now
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


def wait_before_retry(
    error: UpstreamError, tried: int, *, repeatable: bool, patient: bool, timing: Timing
) -> float | None:
    """Seconds to wait before the next try, None where there is none.

    Shape:  `repeatable` are reads; a write is repeated only after a throttle answer, which Canvas did not execute.
    Units:  full jitter, doubling, at most 30 s; a `Retry-After` is a lower bound, and past 30 s ends the tries.
    Quirk:  a `patient` read (large GraphQL) that timed out is halved by its caller instead.
    """
    tries, base = _tries(error, repeatable=repeatable, patient=patient)
    if tried >= tries:
        return None
    least = error.retry_after.total_seconds() if error.retry_after else 0.0
    if least > LONGEST:
        return None
    return max(least, timing.uniform(0, min(LONGEST, base * 2**tried)))


def _tries(error: UpstreamError, *, repeatable: bool, patient: bool) -> tuple[int, float]:
    if isinstance(error, UpstreamThrottled):
        return THROTTLE_TRIES, THROTTLE_BASE
    if not repeatable or (patient and isinstance(error, UpstreamTimeout)):
        return 1, BASE
    if isinstance(error, UpstreamTimeout):
        return SLOW_TRIES, BASE
    if isinstance(error, Unreachable | ServerFault):
        return SLOW_TRIES if patient else TRIES, BASE
    return 1, BASE
