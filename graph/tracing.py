"""Traces in the words of OpenTelemetry, where the extra `otel` is installed and HOMEROOM_TRACES is on.

Where they go is told by OpenTelemetry's own variables, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from canvas.calls import Call
from graph.http.answers import Caller, Operation

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor


class TracesMissingError(ValueError):
    """Traces are wanted and the libraries are not there: `serve` refuses to start."""


def require_traces() -> None:
    """Raise TracesMissingError unless the libraries are there."""
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        raise TracesMissingError(
            "HOMEROOM_TRACES needs more: .venv/bin/pip install --require-hashes -r requirements-otel.lock"
        )


class Traces:
    """A span per operation, below it one per request to Canvas: hashes, numbers and codes, nobody's name."""

    def __init__(self, version: str, processor: SpanProcessor | None = None) -> None:
        require_traces()
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "homeroom", "service.version": version})
        )
        self._provider.add_span_processor(processor or _exporting())
        self._tracer = self._provider.get_tracer("homeroom")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def operation(self, operation: Operation, caller: Caller) -> Iterator[None]:
        """Around an operation; it continues the trace that its caller began."""
        plan = operation.plan
        said: dict[str, Any] = {
            "graphql.operation.type": plan.kind.value,
            "graphql.document.hash": plan.digest,
            "homeroom.request_id": caller.request_id,
        }
        if plan.name is not None:
            said["graphql.operation.name"] = plan.name
        parent = self._propagator.extract({"traceparent": caller.trace}) if caller.trace else None
        with self._tracer.start_as_current_span(
            plan.kind.value, context=parent, attributes=said, record_exception=False, set_status_on_exception=False
        ):
            yield

    def call(self, call: Call) -> None:
        """One request to Canvas that has just ended, below the operation that caused it."""
        ended = time.time_ns()
        said: dict[str, Any] = {"homeroom.provider": call.provider, "http.request.method": call.method}
        if call.status is not None:
            said["http.response.status_code"] = call.status
        span = self._tracer.start_span(
            f"canvas {call.kind}", start_time=ended - int(call.ms * 1_000_000), attributes=said
        )
        span.end(ended)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def _exporting() -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())
