"""The application: the only place where everything is wired."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import lru_cache

import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from canvas.pool import Transport
from db import connection
from domain.clock import Clock, utc_now
from graph import health
from graph.auth import Identity, verifier
from graph.explorer.page import Explorer
from graph.http import feeds, pages
from graph.http.answers import Operation as Asked
from graph.http.app import GraphQLApp
from graph.http.metrics import metrics_route
from graph.http.middleware import middleware, request_id
from graph.http.pages import Check
from graph.http.response_cache import response_cache
from graph.logging import pseudonyms
from graph.observing import Observing
from graph.refusal import unauthenticated
from graph.schema import schema as homeroom
from graph.tracing import Traces
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from jobs.work import working
from resolvers.context import Context
from services import engine as engines
from services.access import scope_of
from services.ledger import Ledger
from services.meters import Meters
from services.operation import Engine, begin
from services.teams.nightly import Night
from services.viewers import Viewers
from services.warmup import keep_warm, warm_up
from settings import Settings

VERSION = "0.1.0"
ContextMaker = Callable[[HTTPConnection, Identity | None], Awaitable[Context]]


class BehindError(RuntimeError):
    """The database has not had all migrations."""


def create_app(
    settings: Settings,
    *,
    tokens: Mapping[str, str] | None = None,
    transport: Transport | None = None,
    clock: Clock = utc_now,
    schema: strawberry.Schema = homeroom,
) -> Starlette:
    """Homeroom as an ASGI application. `tokens` are offered in the explorer (the demo's); `transport` is for tests,
    `schema` for measurements.

    Errors: NoAuthError and WeakKeyError at once; BehindError when it starts on a database that is behind.
    """
    check = verifier(settings, clock)
    ledger = Ledger(clock)
    observing = Observing(Meters(), Traces(VERSION) if settings.traces else None)
    endpoint = GraphQLApp(
        schema,
        make_context=_context_maker(settings),
        settings=settings,
        verifier=check,
        explorer=Explorer(None if settings.public_introspection else (), tokens),
        upstream_calls=_calls,
        upstream=_upstream,
        observer=observing,
        shown=_noted(ledger),
        pseudonym=lru_cache(10_000)(pseudonyms(settings)),
        cache=response_cache(settings),
    )
    checks: health.Checks = {"database": Check(health.database)}
    beside = pages.routes(settings, schema=schema.as_str(), version=VERSION, verifier=check, checks=checks)
    app = Starlette(
        routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint), *feeds.routes(), *beside],
        middleware=middleware(settings, {"/graphql": endpoint}),
        lifespan=_lifespan(settings, endpoint, observing, ledger, checks, transport, clock),
    )
    standing = health.standing(lambda: getattr(app.state, "engine", None), checks)
    app.router.routes.append(metrics_route(settings, observing.meters, standing))
    app.state.drain = endpoint.drain
    app.state.ledger = ledger
    return app


def _noted(ledger: Ledger) -> Callable[[Asked, Context], None]:
    def note(operation: Asked, context: Context) -> None:
        if context.viewer is not None:
            plan = operation.plan
            ledger.note(context.viewer.id, plan.name, plan.digest, context.op.loaders.people)

    return note


def _calls(context: Context) -> int:
    return context.operation.footprint.calls if context.operation else 0


def _upstream(context: Context) -> dict[str, float] | None:
    """For admins: what Canvas had to do with the answer."""
    if context.operation is None or not context.operation.scope.is_admin:
        return None
    found = context.operation.footprint
    return {"calls": found.calls, "ms": round(found.ms, 1), "cacheHits": found.hits, "cacheMisses": found.misses}


def _context_maker(settings: Settings) -> ContextMaker:
    viewers = Viewers(settings.auth_subject)

    async def make(asked: HTTPConnection, identity: Identity | None) -> Context:
        if identity is None:
            return Context(None, None)
        engine, most = asked.app.state.engine, settings.max_upstream_calls
        snapshot = await engine.snapshots.now()
        person = await viewers.find(identity.subject, snapshot)
        if person is None:
            raise unauthenticated("This token names nobody who may use homeroom.")
        address = asked.client.host if asked.client else None
        return Context(person, begin(engine, scope_of(person), request_id(asked.scope), address, most), snapshot)

    return make


def _lifespan(
    settings: Settings,
    endpoint: GraphQLApp,
    observing: Observing,
    ledger: Ledger,
    checks: health.Checks,
    transport: Transport | None,
    clock: Clock,
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await _require_current(settings.database_url)
        async with AsyncExitStack() as stack:
            await connection.connect(settings.database_url, settings.query_seconds)
            stack.push_async_callback(connection.disconnect)
            await ledger.start()
            stack.push_async_callback(ledger.stop)
            if observing.traces is not None:
                stack.callback(observing.traces.close)
            broker = broker_of(settings)
            meters = observing.meters
            engine = await stack.enter_async_context(
                engines.running(
                    settings,
                    TaskiqQueue(broker),
                    clock=clock,
                    on_call=observing.call,
                    on_flight=meters.flight,
                    watch=meters,
                    transport=transport,
                )
            )
            await stack.enter_async_context(
                working(engine, broker, night=Night(settings.nightly_hour, settings.nightly_time_zone))
            )
            app.state.engine = engine
            checks.update(health.of_engine(engine))
            stack.push_async_callback(_end, asyncio.create_task(_stay_warm(engine), name="warm-up"))
            stack.push_async_callback(endpoint.close)
            calm_collector()
            yield

    return lifespan


async def _require_current(url: str) -> None:
    if await connection.pending(url):
        raise BehindError("The database is behind this version. Type: homeroom migrate")


async def _stay_warm(engine: Engine) -> None:
    await warm_up(engine)
    await keep_warm(engine)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def calm_collector() -> None:
    """Collect less often, and never what lives as long as the process: lists of thousands of rows are half the price."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
