"""`/metrics`: the numbers of this process, or of all processes of one `serve`, for whoever may have them."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.meters import Meters
from settings import Settings

Standing = Callable[[], Awaitable[Sequence[Metric]]]
"""What is looked up when somebody asks."""


@dataclass(frozen=True, slots=True)
class _Together:
    """What an encoder takes for a registry."""

    counted: CollectorRegistry
    looked_up: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.counted.collect()
        yield from self.looked_up


def metrics_route(settings: Settings, meters: Meters, standing: Standing) -> Route:
    """With HOMEROOM_METRICS_TOKEN whoever bears it is answered; without one, this machine alone."""

    async def metrics(request: Request) -> Response:
        if not may_read(request, settings):
            return PlainTextResponse("These numbers are for the operator's scraper.\n", 403)
        encode, media = choose_encoder(request.headers.get("accept", ""))
        body = encode(_Together(meters.registry(), await standing()))
        return Response(body, media_type=media, headers={"cache-control": "no-store"})

    return Route("/metrics", metrics)


def may_read(request: Request, settings: Settings) -> bool:
    """A proxy on this machine speaks for others: what it passes on is not from here."""
    if settings.metrics_token is not None:
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())
    if "forwarded" in request.headers or "x-forwarded-for" in request.headers or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
