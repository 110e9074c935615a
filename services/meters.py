"""What homeroom measures about itself, in the words of Prometheus. docs/operate.md says what each number means."""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.process_collector import ProcessCollector

from canvas.calls import Call
from domain.enums import SourceState

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 500)
MOST_OPERATIONS = 300
"""Operations told apart; clients write documents, and each label costs memory for ever."""
MOST_CLIENTS = 50
"""Clients told apart by the name they give themselves, which may be anything."""

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes of one `serve --workers N` put their numbers together."""


class Meters:
    """One per process, with a registry of its own. Labels hold numbers, codes and hashes, nobody's name."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._known: set[str] = set()
        self._clients: set[str] = set()
        self._counted: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        own = self._registry
        self._operations = Counter(
            "homeroom_operations",
            "Operations, by hash of the document.",
            ("operation", "kind", "outcome"),
            registry=own,
        )
        self._seconds = Histogram(
            "homeroom_operation_seconds", "Time to an answer.", ("kind",), buckets=SECONDS, registry=own
        )
        self._errors = Counter("homeroom_errors", "Errors in answers, by code.", ("code",), registry=own)
        self._failed = Counter(
            "homeroom_field_errors", "Errors of fields, by their name in the schema.", ("field", "code"), registry=own
        )
        self._deprecated = Counter(
            "homeroom_deprecated_uses",
            "Operations that used a deprecated element of the schema.",
            ("client", "element"),
            registry=own,
        )
        self._readings = Counter(
            "homeroom_cache_readings", "Canvas facts answered, by state.", ("fact", "state"), registry=own
        )
        self._batches = Histogram(
            "homeroom_batch_size", "Facts fetched in one go.", ("fact",), buckets=SIZES, registry=own
        )
        self._calls = Counter(
            "homeroom_upstream_calls", "Requests to Canvas.", ("provider", "kind", "method", "status"), registry=own
        )
        self._latency = Histogram(
            "homeroom_upstream_seconds", "Time of a request to Canvas.", ("provider",), buckets=SECONDS, registry=own
        )
        self._cost = Counter("homeroom_upstream_cost", "Canvas's own X-Request-Cost.", ("provider",), registry=own)
        self._throttled = Counter(
            "homeroom_upstream_throttled", "Requests that Canvas refused for load.", ("provider",), registry=own
        )
        self._flying = Gauge(
            "homeroom_upstream_in_flight",
            "Requests to Canvas in flight.",
            ("provider",),
            multiprocess_mode="livesum",
            registry=own,
        )
        if SHARED not in os.environ:
            ProcessCollector(registry=own)
            GCCollector(registry=own)

    def operation(
        self, digest: str, kind: str, codes: Sequence[str], seconds: float, failed: Sequence[tuple[str, str]] = ()
    ) -> None:
        """One operation that ran. `codes` are those of the errors in its answer, `failed` fields with theirs."""
        labels = _bounded(digest, self._known, MOST_OPERATIONS), kind, "error" if codes else "ok"
        counted = self._counted.get(labels)
        if counted is None:
            counted = self._counted[labels] = self._operations.labels(*labels), self._seconds.labels(kind)
        counted[0].inc()
        counted[1].observe(seconds)
        for code in codes:
            self.refused(code)
        for field, code in failed:
            self._failed.labels(field, code).inc()

    def refused(self, code: str) -> None:
        """One error of that code in an answer."""
        self._errors.labels(code).inc()

    def deprecated(self, client: str | None, elements: Iterable[str]) -> None:
        """One operation of that client used these elements of the schema, which will go away."""
        for element in elements:
            self._deprecated.labels(_bounded(client or "unnamed", self._clients, MOST_CLIENTS), element).inc()

    def readings(self, kind: str, states: Iterable[SourceState]) -> None:
        """What the cache answered."""
        for state, count in Tally(states).items():
            self._readings.labels(kind, state.name).inc(count)

    def batch(self, kind: str, size: int) -> None:
        """So many facts are fetched in one go."""
        self._batches.labels(kind).observe(size)

    def call(self, call: Call) -> None:
        """One attempt at Canvas."""
        provider = str(call.provider)
        self._calls.labels(provider, call.kind, call.method, _status(call.status)).inc()
        self._latency.labels(provider).observe(call.ms / 1000)
        if call.throttled:
            self._throttled.labels(provider).inc()
        if call.cost is not None:
            self._cost.labels(provider).inc(call.cost)

    def flight(self, provider: int, change: int) -> None:
        """A request went off (1) or came back (-1)."""
        self._flying.labels(str(provider)).inc(change)

    def registry(self) -> CollectorRegistry:
        """What to expose: this process's numbers, or those of all processes of one `serve`."""
        folder = os.environ.get(SHARED)
        if folder is None:
            return self._registry
        _forget_dead(folder)
        together = CollectorRegistry()
        MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        return together


def _bounded(label: str, known: set[str], most: int) -> str:
    if label not in known and len(known) >= most:
        return "other"
    known.add(label)
    return label


def _status(status: int | None) -> str:
    return "none" if status is None else str(status)


def _forget_dead(folder: str) -> None:
    """A killed process has nothing in flight."""
    for file in Path(folder).glob("gauge_live*.db"):
        pid = file.stem.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid), folder)  # type: ignore[no-untyped-call]
