"""A small schema behind the real endpoint: every kind of field, argument and failure that the doors must handle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from domain.errors import BadIdError, UnauthenticatedError, UpstreamTimeout
from graph.auth import Identity, TokenVerifier, issue_token
from graph.explorer.page import Explorer
from graph.http.app import GraphQLApp
from graph.http.middleware import middleware
from graph.http.observer import Observer
from graph.http.pages import Check, routes
from graph.limits.weights import Weights
from settings import Settings

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
GRAPHQL = "application/graphql-response+json"


@dataclass
class Context:
    identity: Identity | None
    number: int


@dataclass
class World:
    """What the toy remembers of its calls."""

    contexts: int = 0
    cancelled: int = 0
    ended: int = 0
    stranger: Exception | None = None


WORLD = World()


@strawberry.type
class Thing:
    id: strawberry.ID
    name: str

    @strawberry.field
    def things(self, first: int | None = 25) -> ThingConnection | None:
        return _page(first)

    @strawberry.field
    def itself(self) -> Thing:
        return self


@strawberry.type
class ThingEdge:
    cursor: str
    node: Thing


@strawberry.type
class ThingConnection:
    edges: list[ThingEdge]
    nodes: list[Thing]


@strawberry.type
class Viewer:
    role: str
    call: int


def _page(first: int | None) -> ThingConnection:
    rows = [Thing(id=strawberry.ID(str(n)), name=f"thing {n}") for n in range(min(25 if first is None else first, 40))]
    return ThingConnection(edges=[ThingEdge(cursor=row.id, node=row) for row in rows], nodes=rows)


async def _slow(seconds: float) -> str:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        WORLD.cancelled += 1
        raise
    return "done"


@strawberry.type
class Query:
    @strawberry.field(description="Who asks.")
    def viewer(self, info: strawberry.Info[Context, None]) -> Viewer | None:
        identity = info.context.identity
        return None if identity is None else Viewer(role=identity.subject, call=info.context.number)

    @strawberry.field
    def secret(self, info: strawberry.Info[Context, None]) -> str | None:
        if info.context.identity is None:
            raise UnauthenticatedError("Sign in first.")
        return "told"

    @strawberry.field
    def things(self, first: int | None = 25) -> ThingConnection | None:
        return _page(first)

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Thing | None] | None:
        return [Thing(id=one, name="found") for one in ids]

    @strawberry.field
    def all(self) -> list[Thing] | None:
        return _page(3).nodes

    @strawberry.field
    def boom(self, word: str = "x") -> str | None:
        raise RuntimeError(f"Jane Doe {word} token-abc")

    @strawberry.field
    def bad_id(self) -> str | None:
        raise BadIdError("This id is not one of ours.")

    @strawberry.field
    def upstream(self) -> str | None:
        raise UpstreamTimeout(7, "https://canvas.example said no")

    @strawberry.field
    def required(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    async def slow(self, seconds: float = 5) -> str | None:
        return await _slow(seconds)

    @strawberry.field
    def text(self, size: int = 10) -> str:
        return "x" * size

    @strawberry.field(deprecation_reason="Use `text` instead. Deprecated 2026-01-01, removed after 2026-12-31.")
    def words(self) -> str:
        return "x"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> Thing | None:
        return Thing(id=strawberry.ID("1"), name=name)

    @strawberry.mutation
    async def wait(self, seconds: float = 5) -> str | None:
        return await _slow(seconds)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: strawberry.Info[Context, None], to: int = 3) -> AsyncGenerator[int, None]:
        if info.context.identity is None:
            raise UnauthenticatedError("Sign in first.")
        for n in range(to):
            yield n
            await asyncio.sleep(0)

    @strawberry.subscription
    async def forever(self) -> AsyncGenerator[Viewer, None]:
        try:
            yield Viewer(role="first", call=0)
            await asyncio.sleep(600)
        finally:
            WORLD.ended += 1

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError("Jane Doe")


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)


async def make_context(_: HTTPConnection, identity: Identity | None) -> Context:
    WORLD.contexts += 1
    if WORLD.stranger is not None:
        raise WORLD.stranger
    return Context(identity, WORLD.contexts)


def token(subject: str = "rosa", hours: float = 1) -> str:
    return issue_token(SECRET, subject, hours)


def endpoint(
    weights: Weights | None = None,
    explorer: Explorer | None = None,
    observer: Observer | None = None,
    **changes: object,
) -> GraphQLApp:
    settings = Settings(_env_file=None, **changes)
    return GraphQLApp(
        schema,
        make_context=make_context,
        settings=settings,
        verifier=TokenVerifier(secret=SECRET),
        explorer=explorer,
        weights=weights,
        observer=observer,
        upstream_calls=lambda context: context.number * 0 + 2,
    )


def site(app: GraphQLApp, checks: dict[str, Check] | None = None, **changes: object) -> Starlette:
    """The endpoint with its pages and its shell, as the product has it."""
    settings = Settings(_env_file=None, **changes)
    pages = routes(
        settings, schema=schema.as_str(), version="1.2.3", verifier=TokenVerifier(secret=SECRET), checks=checks
    )
    return Starlette(
        routes=[Route("/graphql", app), WebSocketRoute("/graphql", app), *pages], middleware=middleware(settings)
    )


@asynccontextmanager
async def client(app: object, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://homeroom.test", headers=headers) as http:
        yield http
