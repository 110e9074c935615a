"""A Canvas that keeps failing is left alone, then probed by one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum

import structlog

from canvas.errors import CircuitOpen, ServerFault, Unreachable
from domain.errors import UpstreamCredentials, UpstreamError, UpstreamThrottled, UpstreamTimeout, UpstreamUnreadable

log = structlog.get_logger()
FAILURES = 5
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
KEY_PAUSE = 15.0
_FAULTS = (Unreachable, ServerFault, UpstreamTimeout, UpstreamUnreadable)


class State(Enum):
    """How a Canvas is, in words for its operator."""

    ANSWERS = "answers"
    AWAY = "does not answer"
    REFUSES_KEY = "refuses the access key"


class Breaker:
    """Closed, open until an instant, or half open: then one probe decides.

    Units:  seconds of the given clock.
    Quirk:  a refused access key opens it at once, so that a dead key is not hammered with.
    """

    def __init__(self, provider: int, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._until: float | None = None
        self._probing = False
        self._key_refused = False

    @property
    def state(self) -> State:
        """How the Canvas was when it was last asked."""
        if self._until is None:
            return State.ANSWERS
        return State.REFUSES_KEY if self._key_refused else State.AWAY

    @contextmanager
    def watch(self, *, patient: bool) -> Iterator[None]:
        """Let one request through and learn from how it ends.

        Shape:  `patient` requests (large GraphQL ones) may fail for their size, which says nothing about Canvas.
        Errors: CircuitOpen, or UpstreamCredentials while the key is known to be refused.
        """
        probe = self._enter()
        try:
            yield
        except UpstreamError as error:
            self._failed(error, patient=patient)
            raise
        else:
            self._answered()
        finally:
            if probe:
                self._probing = False

    def _enter(self) -> bool:
        if self._until is None:
            return False
        left = self._until - self._clock()
        if left > 0 or self._probing:
            refused = UpstreamCredentials if self._key_refused else CircuitOpen
            raise refused(self._provider, "circuit open", timedelta(seconds=max(left, 1.0)))
        self._probing = True
        return True

    def _answered(self) -> None:
        if self._until is not None:
            log.info("canvas.back", provider=self._provider)
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._until = None
        self._key_refused = False

    def _failed(self, error: UpstreamError, *, patient: bool) -> None:
        if isinstance(error, UpstreamCredentials):
            if not self._key_refused:
                log.error("canvas.key_refused", provider=self._provider)
            self._key_refused = True
            self._until = self._clock() + KEY_PAUSE
        elif isinstance(error, _FAULTS):
            if not (patient and isinstance(error, ServerFault | UpstreamTimeout)):
                self._count()
        elif not isinstance(error, UpstreamThrottled):
            self._answered()

    def _count(self) -> None:
        self._failures += 1
        open_already = self._until is not None and self._until > self._clock()
        if self._failures < FAILURES or open_already:
            return
        if self._until is None:
            log.error("canvas.away", provider=self._provider, failures=self._failures)
        self._until = self._clock() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._key_refused = False
