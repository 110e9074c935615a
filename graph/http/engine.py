"""One operation from its parameters to its answer, whatever carried it: HTTP, SSE or a WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry
from graphql import ExecutionResult, OperationType
from graphql.execution import create_source_event_stream

from domain.errors import DomainError, UnauthenticatedError
from graph.http.answers import Answer, Caller, Finished, Operation
from graph.http.documents import Documents
from graph.http.encoded import Encoded
from graph.http.masking import away, field_of, formatted, masked, named
from graph.http.observer import Logged, Observer
from graph.http.params import Params, spelled
from graph.http.response_cache import ResponseCache
from graph.limits.bucket import Level
from graph.limits.gate import Gate
from graph.limits.trusted import TrustedDocuments
from graph.limits.weights import HOMEROOM, Weights
from graph.refusal import RefusedError, unauthenticated, unavailable
from settings import Settings

Upstream = Callable[[Any], Mapping[str, Any] | None]
Shown = Callable[[Operation, Any], None]
_LONG_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Spent:
    """Points used of those taken, and when that began."""

    points: int
    level: Level
    start: float


class Engine:
    """Holds the schema, its documents and its limits; one per process."""

    def __init__(
        self,
        schema: strawberry.Schema,
        settings: Settings,
        *,
        gate: Gate | None = None,
        weights: Weights | None = None,
        upstream_calls: Callable[[Any], int] | None = None,
        observer: Observer | None = None,
        upstream: Upstream | None = None,
        shown: Shown | None = None,
        cache: ResponseCache | None = None,
    ) -> None:
        self._settings = settings
        self.gate = gate or Gate(settings)
        self._documents = Documents(schema, settings, self.gate, weights or HOMEROOM)
        self._trusted = TrustedDocuments.load(settings.trusted_documents, only=settings.trusted_only)
        self._upstream_calls = upstream_calls
        self._upstream = upstream
        self._shown = shown
        self._cache = cache
        self.observer = observer or Logged()

    async def prepare(self, params: Params, *, signed_in: bool) -> Operation:
        """Raise RefusedError unless the operation may run."""
        text = self._trusted.text(params.query, params.document_id)
        open_schema = signed_in or self._settings.public_introspection
        plan = await self._documents.plan(text, params.operation_name, open_schema=open_schema)
        price = self.gate.price(plan.cost, params.variables)
        dry, upstream, cache = (params.extensions.get(name) is True for name in ("dryRun", "upstream", "cache"))
        question = text, plan.name, spelled(params.variables)
        deprecated = plan.deprecated | self._documents.deprecations.given(plan.node, params.variables)
        return Operation(plan, params.variables, price.points, dry, upstream, cache, question, deprecated)

    async def answer(self, operation: Operation, caller: Caller) -> Answer:
        """Run a query or mutation. Raises RefusedError for the budget, and where nobody's rights can be looked up."""
        if operation.dry:
            return Answer(None, [], extensions={"cost": {"requested": operation.points, "dryRun": True}})
        return await self.at_hand(operation, caller) or await self._paid(operation, caller, None)

    async def at_hand(self, operation: Operation, caller: Caller) -> Answer | None:
        """An answer given before, where it still stands: nothing is run, and it costs a point. RefusedError as `answer`."""
        if self._cache is None or operation.dry or not caller.signed_in:
            return None
        start = time.perf_counter()
        found = await self._cache.find(operation, caller.viewer)
        if found is None:
            return None
        context, answer = found
        with self.observer.running(operation, caller):
            level = await self.gate.take(caller.viewer, 1)
        return self._told(operation, caller, context, answer, Spent(1, level, start))

    async def events(self, operation: Operation, caller: Caller) -> AsyncGenerator[Answer, None]:
        """Run a subscription. Every event has its own context: rights and loaders are as of that event."""
        try:
            source = await self._source(operation, caller)
            if isinstance(source, Answer):
                yield source
                return
            try:
                async for event in source:
                    yield await self._paid(operation, caller, event)
            finally:
                if isinstance(source, AsyncGenerator):
                    await source.aclose()
        except RefusedError as refusal:
            yield Answer(None, refusal.errors, executed=False)
        except DomainError as error:
            yield Answer(None, [named(error)], executed=False)
        except Exception as error:  # noqa: BLE001  a source that breaks ends the stream with a masked error
            if known := away(error, operation.plan.name, caller.request_id):
                yield Answer(None, [named(known)], executed=False)
                return
            yield Answer(None, [masked(error, operation.plan.name, caller.request_id)])

    async def _paid(self, operation: Operation, caller: Caller, root: object) -> Answer:
        start = time.perf_counter()
        level = await self.gate.take(caller.viewer, operation.points)
        actual = 1
        try:
            with self.observer.running(operation, caller):
                context, answer = await self._run(operation, root, caller)
            actual = min(operation.points, operation.plan.cost.actual(answer.data))
        finally:
            unused = max(0, level.taken - actual)
            self.gate.bucket.give_back(caller.viewer, unused)
        return self._told(operation, caller, context, answer, Spent(actual, level, start))

    def _told(self, operation: Operation, caller: Caller, context: Any, answer: Answer, spent: Spent) -> Answer:
        """Tell whoever watches, and the client what it cost."""
        seconds = time.perf_counter() - spent.start
        finished = Finished.of(operation, answer, caller, spent.points, seconds)
        self.observer.finished(finished)
        if self._shown is not None and context is not None and answer.has_data:
            self._shown(operation, context)
        level, unused = spent.level, max(0, spent.level.taken - spent.points)
        remaining = level.remaining + unused
        full_in = max(0.0, level.full_in - unused / self.gate.bucket.restore)
        return replace(
            answer,
            extensions=self._extensions(answer, finished, operation, context, remaining, full_in),
            headers=self.gate.headers(remaining, full_in),
        )

    async def _run(self, operation: Operation, root: object, caller: Caller) -> tuple[object, Answer]:
        is_mutation = operation.plan.kind is OperationType.MUTATION
        seconds = self._settings.mutation_seconds if is_mutation else self._settings.query_seconds
        context, start = None, time.perf_counter()
        try:
            async with asyncio.timeout(seconds):
                context = await caller.make_context()
                result = operation.plan.prepared.execute(operation.variables, context, root)
                if not isinstance(result, ExecutionResult):
                    result = await result
        except RefusedError:
            raise
        except UnauthenticatedError as error:
            raise unauthenticated(str(error)) from error
        except DomainError as error:
            return context, Answer(None, [named(error)])
        except TimeoutError:
            late = {"message": f"No answer within {seconds:g} s.", "extensions": {"code": "DEADLINE_EXCEEDED"}}
            return context, Answer(None, [late])
        except Exception as error:
            if known := away(error, operation.plan.name, caller.request_id):
                raise unavailable(known) from error
            return context, Answer(None, [masked(error, operation.plan.name, caller.request_id)])
        await _others_first(start)
        answer = self._answer(result, operation, caller)
        await _others_first(start)
        if self._cache is not None:
            self._cache.keep(operation, caller.viewer, context, answer)
        return context, answer

    def _answer(self, result: ExecutionResult, operation: Operation, caller: Caller) -> Answer:
        errors = formatted(result.errors or (), operation.plan.name, caller.request_id)
        executed = result.data is not None or any(error.path for error in result.errors or ())
        encoded = Encoded(result.data) if result.data is not None and not errors else None
        failed = tuple(
            (field_of(error), str(told["extensions"]["code"]))
            for error, told in zip(result.errors or (), errors, strict=True)
        )
        return Answer(result.data, errors, executed, encoded=encoded, failed=failed)

    async def _source(self, operation: Operation, caller: Caller) -> AsyncIterable[Any] | Answer:
        built = operation.plan.prepared.executor(operation.variables, await caller.make_context(), None)
        if isinstance(built, list):
            return Answer(None, formatted(built, operation.plan.name, caller.request_id), executed=False)
        source = create_source_event_stream(built)
        if isinstance(source, Awaitable):
            source = await source
        if isinstance(source, ExecutionResult):
            return Answer(None, formatted(source.errors or (), operation.plan.name, caller.request_id), executed=False)
        return source

    def _extensions(
        self,
        answer: Answer,
        finished: Finished,
        operation: Operation,
        context: Any,
        remaining: int,
        full_in: float,
    ) -> dict[str, Any] | None:
        told: dict[str, Any] = {}
        if self._settings.cost_extension:
            told["cost"] = self._cost(finished, operation, context, remaining, full_in)
        bill = self._upstream(context) if operation.wants_upstream and self._upstream and context is not None else None
        if bill is not None:
            told["upstream"] = bill
        age = self._cache.told(context, answer) if operation.wants_cache and self._cache is not None else None
        if age is not None:
            told["cache"] = age
        return told or None

    def _cost(
        self, finished: Finished, operation: Operation, context: object, remaining: int, full_in: float
    ) -> dict[str, Any]:
        cost: dict[str, Any] = {
            "requested": operation.points,
            "actual": finished.points,
            "limit": self.gate.bucket.capacity,
            "remaining": remaining,
            "resetAt": (datetime.now(UTC) + timedelta(seconds=full_in)).isoformat(timespec="seconds"),
        }
        if self._upstream_calls is not None and context is not None:
            cost["upstreamCalls"] = self._upstream_calls(context)
        return cost


async def _others_first(start: float) -> None:
    """A turn for everybody else before the next long step of an answer that took its time so far."""
    if time.perf_counter() - start > _LONG_SECONDS:
        await asyncio.sleep(0)
