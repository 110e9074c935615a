"""Who watches the endpoint at work: logs, metrics, traces."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import structlog

from graph.http.answers import Caller, Finished, Operation

log = structlog.get_logger("graphql")


class Observer(Protocol):
    """Told of everything that happens at the endpoint; nothing here may be slow or raise."""

    def running(self, operation: Operation, caller: Caller) -> AbstractContextManager[None]:
        """Around an operation while it runs."""

    def finished(self, finished: Finished) -> None:
        """After an operation that ran."""

    def refused(self, code: str) -> None:
        """After a request that did not run."""


class Logged:
    """A line per operation and per refusal: names of operations, codes and numbers, no variables."""

    def running(self, operation: Operation, caller: Caller) -> AbstractContextManager[None]:  # noqa: ARG002  told afterwards
        return nullcontext()

    def finished(self, finished: Finished) -> None:
        goes_away = {"deprecated": sorted(finished.deprecated)} if finished.deprecated else {}
        log.info(
            "operation",
            operation=finished.operation,
            document=finished.digest,
            kind=finished.kind,
            ms=round(finished.seconds * 1000, 1),
            codes=finished.codes,
            points=finished.points,
            request_id=finished.request_id,
            **goes_away,
        )

    def refused(self, code: str) -> None:
        log.info("refused", code=code)
