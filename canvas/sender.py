"""One request on its way to Canvas and back: slot, circuit, timeout, classification, retries, count."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import structlog

from canvas.address import AddressNotAllowed
from canvas.bodies import BodyError, read_body
from canvas.breaker import Breaker
from canvas.calls import Call, Kind, OnCall, OnFlight
from canvas.capability import GraphqlCapability
from canvas.connection import Connection
from canvas.deadline import remaining, within_deadline
from canvas.errors import GraphqlUnavailable, Unreachable, classify, is_throttle, why
from canvas.limiter import Limiter
from canvas.retry import Budget, Timing, wait_before_retry
from domain import footprint
from domain.errors import (
    UpstreamBlocked,
    UpstreamCredentials,
    UpstreamError,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnreadable,
)

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024 * 1024
Params = Mapping[str, str | int | bool | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `repeatable`: sending it twice does no harm; `also`: statuses that are answers here, not errors."""

    method: str
    url: str
    params: Params | None = None
    json: Any = None
    form: Params | None = None
    content: bytes | None = None
    content_type: str | None = None
    kind: Kind = "rest"
    repeatable: bool = True
    also: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """A good response: its status, its decoded body (None for an empty one), the `next` link of a list and its bytes."""

    status: int
    payload: Any = field(repr=False)
    next_link: str | None = field(default=None, repr=False)
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    headers: httpx.Headers
    body: bytes
    next_link: str | None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for one attempt from the slot to the last byte."""

    rest: float
    graphql: float

    def of(self, kind: Kind) -> float:
        return self.graphql if kind == "graphql" else self.rest


class Sender:
    """Sends for one connection. Limiter, circuit and budget are shared by all who use the same access key."""

    def __init__(
        self,
        connection: Connection,
        http: httpx.AsyncClient,
        *,
        limiter: Limiter,
        breaker: Breaker,
        budget: Budget,
        timeouts: Timeouts,
        timing: Timing,
        on_call: OnCall,
        on_flight: OnFlight,
    ) -> None:
        self._provider = connection.provider
        self._connection = connection
        self._http = http
        self._limiter = limiter
        self.breaker = breaker
        self._budget = budget
        self._timeouts = timeouts
        self._timing = timing
        self._on_call = on_call
        self._on_flight = on_flight
        self.graphql = GraphqlCapability(connection.provider, timing.clock)

    async def send(self, ask: Ask) -> Answer:
        """The first good answer within the caller's deadline.

        Errors: UpstreamError of the kind that the last answer, or its absence, was.
        """
        if not self._connection.key_is_sendable:
            raise UpstreamCredentials(self._provider, "no usable access key")
        footprint.asked(self._provider)
        self._budget.called()
        async with within_deadline(self._provider):
            tried = 0
            while True:
                tried += 1
                try:
                    return await self._once(ask)
                except GraphqlUnavailable:
                    raise  # Known from before: nothing was sent, and nothing is to be told.
                except UpstreamError as error:
                    await self._wait_or_raise(ask, error, tried)

    async def _wait_or_raise(self, ask: Ask, error: UpstreamError, tried: int) -> None:
        patient = ask.kind == "graphql"
        wait = wait_before_retry(error, tried, repeatable=ask.repeatable, patient=patient, timing=self._timing)
        if isinstance(error, UpstreamThrottled):
            await self._limiter.throttled(wait or 1.0)
        left = remaining()
        hopeless = wait is None or (left is not None and wait >= left) or not self._budget.take()
        log.warning(
            "canvas.call_failed",
            provider=self._provider,
            kind=ask.kind,
            method=ask.method,
            reason=error.reason,
            detail=error.detail,
            tried=tried,
            again=not hopeless,
        )
        if hopeless or wait is None:
            raise error
        if not isinstance(error, UpstreamThrottled):
            await self._timing.sleep(wait)

    async def _once(self, ask: Ask) -> Answer:
        async with self._limiter.slot(ask.kind):
            if ask.kind == "graphql" and isinstance(ask.json, dict):
                self.graphql.require(str(ask.json["query"]))
            with self.breaker.watch(patient=ask.kind == "graphql"):
                raw = await self._counted(ask)
                return self._answer(ask, raw)

    def _answer(self, ask: Ask, raw: _Raw) -> Answer:
        """Quirk: Canvas guards some JSON with a leading `while(1);`."""
        if not (200 <= raw.status < 300 or raw.status in ask.also):
            raise classify(self._provider, raw.status, raw.headers, raw.body)
        body = raw.body.removeprefix(b"while(1);")
        try:
            payload = msgspec.json.decode(body) if body.strip() else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if raw.status in ask.also:
                return Answer(raw.status, None)
            raise UpstreamUnreadable(self._provider, "not JSON") from None
        return Answer(raw.status, payload, raw.next_link, len(raw.body))

    async def _counted(self, ask: Ask) -> _Raw:
        began = self._timing.clock()
        answer: _Raw | None = None
        self._on_flight(self._provider, 1)
        try:
            answer = await self._exchange(ask)
        finally:
            self._on_flight(self._provider, -1)
            cost = _number(answer, "x-request-cost")
            status = answer.status if answer else None
            ms = (self._timing.clock() - began) * 1000
            footprint.answered(ms)
            throttled = answer is not None and is_throttle(answer.status, answer.body)
            self._on_call(Call(self._provider, ask.kind, ask.method, ms, status, cost, throttled))
        await self._limiter.observe(_number(answer, "x-rate-limit-remaining"))
        return answer

    async def _exchange(self, ask: Ask) -> _Raw:
        """Send and read to the end. What httpx raises is dropped: it may quote what was sent."""
        try:
            async with asyncio.timeout(self._timeouts.of(ask.kind)):
                return await self._read(self._request(ask))
        except (httpx.ConnectTimeout, httpx.NetworkError, httpx.ProtocolError, httpx.ProxyError) as error:
            raise Unreachable(self._provider, why(error)) from None
        except (TimeoutError, httpx.TimeoutException):
            raise UpstreamTimeout(self._provider, "no answer in time") from None
        except AddressNotAllowed as error:
            raise UpstreamBlocked(self._provider, str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UpstreamUnreadable(self._provider, type(error).__name__) from None

    def _request(self, ask: Ask) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self._connection.access_key}"}
        if ask.content_type:
            headers["Content-Type"] = ask.content_type
        return self._http.build_request(
            ask.method,
            ask.url,
            params=dict(ask.params) if ask.params else None,
            json=ask.json,
            data=dict(ask.form) if ask.form else None,
            content=ask.content,
            headers=headers,
        )

    async def _read(self, request: httpx.Request) -> _Raw:
        response = await self._http.send(request, stream=True)
        try:
            body = await read_body(response, LARGEST_BODY)
            return _Raw(response.status_code, response.headers, body, response.links.get("next", {}).get("url"))
        except BodyError as error:
            raise UpstreamUnreadable(self._provider, str(error)) from None
        finally:
            await response.aclose()


def _number(answer: _Raw | None, header: str) -> float | None:
    try:
        found = float(answer.headers[header]) if answer else math.nan
    except (KeyError, ValueError):
        return None
    return found if math.isfinite(found) else None
