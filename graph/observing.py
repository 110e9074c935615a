"""What one process tells about itself: logs always, numbers always, traces where they are wanted."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from canvas.calls import Call
from graph.http.answers import Caller, Finished, Operation
from graph.http.observer import Logged
from graph.tracing import Traces
from services.meters import Meters


class Observing(Logged):
    """Watches the endpoint and, by `call`, what is asked of Canvas."""

    def __init__(self, meters: Meters, traces: Traces | None) -> None:
        self.meters = meters
        self.traces = traces

    def running(self, operation: Operation, caller: Caller) -> AbstractContextManager[None]:
        return nullcontext() if self.traces is None else self.traces.operation(operation, caller)

    def finished(self, finished: Finished) -> None:
        super().finished(finished)
        self.meters.operation(finished.digest, finished.kind, finished.codes, finished.seconds, finished.failed)
        self.meters.deprecated(finished.client, finished.deprecated)

    def refused(self, code: str) -> None:
        super().refused(code)
        self.meters.refused(code)

    def call(self, call: Call) -> None:
        """One request to Canvas has ended."""
        self.meters.call(call)
        if self.traces is not None:
            self.traces.call(call)
