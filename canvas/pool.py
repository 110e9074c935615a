"""All Canvases of this process over one HTTP pool."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import httpx

from canvas.address import AddressNotAllowed, Networks, check_base_url, checked_transport
from canvas.breaker import Breaker, State
from canvas.calls import OnCall, OnFlight, ignore, ignore_flight
from canvas.client import Canvas
from canvas.connection import Connection
from canvas.limiter import Limiter, LocalLimiter, Width
from canvas.retry import Budget, Timing
from canvas.sender import Sender, Timeouts
from canvas.shared_limiter import SharedLimiter
from canvas.web import Web

if TYPE_CHECKING:
    from redis.asyncio import Redis

Transport = httpx.AsyncBaseTransport
"""What may stand in for the network."""

_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What an operator may set. Seconds; CIDRs; `graphql_concurrency` is a part of `concurrency`."""

    concurrency: int = 6
    graphql_concurrency: int = 3
    timeout: float = 30.0
    graphql_timeout: float = 60.0
    connect_timeout: float = 5.0
    allow_networks: tuple[str, ...] = ()
    ca_file: str | None = None
    proxy: str | None = None
    user_agent: str = "homeroom/0.1 (contact: the operator of this homeroom)"


class CanvasPool:
    """Hands out a `Canvas` for a connection. Those with the same access key share one limiter and circuit.

    Quirk:  httpx and httpcore log addresses with ids in them: they are told to be quiet.
    """

    def __init__(
        self,
        settings: PoolSettings | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        redis: Redis | None = None,
        on_call: OnCall = ignore,
        on_flight: OnFlight = ignore_flight,
        timing: Timing | None = None,
    ) -> None:
        self._settings = settings or PoolSettings()
        self._redis = redis
        self._on_call = on_call
        self._on_flight = on_flight
        self._timing = timing or Timing()
        self._senders: dict[tuple[int, str], Sender] = {}
        self._limiters: WeakValueDictionary[str, Limiter] = WeakValueDictionary()
        self._http = _http(self._settings, transport)
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def canvas(self, connection: Connection) -> Canvas:
        """The client of one provider. A base URL that is not allowed shows when it is used, as UpstreamBlocked."""
        key = (connection.provider, connection.bucket)
        if key not in self._senders:
            self._forget_former_keys(connection.provider)
            self._senders[key] = self._sender(connection)
        origin, blocked = self._origin(connection)
        return Canvas(connection, origin, blocked, self._senders[key])

    def check(self, base_url: str) -> str:
        """A base URL in the one spelling. Errors: AddressNotAllowed with the reason in plain words."""
        chosen = self._settings
        return check_base_url(base_url, chosen.allow_networks, behind_proxy=chosen.proxy is not None)

    def circuits(self) -> dict[int, State]:
        """How each provider that was asked by this process is, as its circuit says."""
        return {provider: sender.breaker.state for (provider, _), sender in sorted(self._senders.items())}

    @property
    def web(self) -> Web:
        """The same network for addresses that are no Canvas."""
        return Web(self._http, self.check)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _forget_former_keys(self, provider: int) -> None:
        for old in [key for key in self._senders if key[0] == provider]:
            del self._senders[old]

    def _sender(self, connection: Connection) -> Sender:
        chosen, timing = self._settings, self._timing
        return Sender(
            connection,
            self._http,
            limiter=self._limiter(connection.bucket),
            breaker=Breaker(connection.provider, timing.clock),
            budget=Budget(timing.clock),
            timeouts=Timeouts(chosen.timeout, chosen.graphql_timeout),
            timing=timing,
            on_call=self._on_call,
            on_flight=self._on_flight,
        )

    def _limiter(self, bucket: str) -> Limiter:
        """Two providers with one access key have one throttle bucket in Canvas, and so one limiter here."""
        limiter = self._limiters.get(bucket)
        if limiter is None:
            total = self._settings.concurrency
            width = Width(total, min(self._settings.graphql_concurrency, total))
            if self._redis is None:
                limiter = LocalLimiter(width, self._timing)
            else:
                limiter = SharedLimiter(self._redis, bucket, width, self._timing)
            self._limiters[bucket] = limiter
        return limiter

    def _origin(self, connection: Connection) -> tuple[str, str]:
        """(the origin, why it is not connected to): one of the two is empty."""
        behind_proxy = self._settings.proxy is not None
        try:
            return check_base_url(connection.base_url, self._settings.allow_networks, behind_proxy=behind_proxy), ""
        except AddressNotAllowed as error:
            return "", str(error)


def _http(settings: PoolSettings, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    secure, plain = (transport, transport) if transport else _transports(settings)
    client = httpx.AsyncClient(
        transport=secure,
        mounts={"http://": plain},
        headers={"User-Agent": settings.user_agent, "Accept": "application/json+canvas-string-ids, application/json"},
        timeout=httpx.Timeout(settings.graphql_timeout, connect=settings.connect_timeout),
        follow_redirects=False,
        trust_env=False,
    )
    # Canvas offers session cookies; a bearer token needs none, and two tokens of one host must not share any.
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def _transports(settings: PoolSettings) -> tuple[httpx.AsyncBaseTransport, httpx.AsyncBaseTransport]:
    """For https and for plain http, which only reaches the operator's own networks; a proxy decides for itself."""
    verify = httpx.create_ssl_context(trust_env=False)
    if settings.ca_file:
        verify.load_verify_locations(cafile=settings.ca_file)
    if settings.proxy:
        proxied = httpx.AsyncHTTPTransport(verify=verify, proxy=settings.proxy, trust_env=False, limits=_LIMITS)
        return proxied, proxied
    networks = Networks(settings.allow_networks)
    return (
        checked_transport(networks, public=True, verify=verify, limits=_LIMITS),
        checked_transport(networks, public=False, verify=verify, limits=_LIMITS),
    )
