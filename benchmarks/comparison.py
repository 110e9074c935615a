"""homeroom's endpoint over the schema and data of the Node servers in peers/, so that the same answers are timed.

Everything homeroom does for an answer is done here too: the token is checked, the viewer looked up in the database, the
budget kept, the answer counted. Only the schema and its rows are the comparison's.

python -m benchmarks.comparison MODE PORT FOLDER: on 127.0.0.1 until it is ended; the first line it prints is a token.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import strawberry
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route

from benchmarks.school import School
from db import connection
from db.models import User
from db.sealing import new_key
from domain.enums import Role
from graph.app import calm_collector
from graph.auth import Identity, issue_token, verifier
from graph.execution.executor import ListExecutor
from graph.http.app import GraphQLApp
from graph.http.middleware import middleware
from graph.http.response_cache import response_cache
from graph.logging import configure_logging
from graph.observing import Observing
from jobs.broker import broker_of
from jobs.queue import TaskiqQueue
from resolvers.context import Context
from services import engine as engines
from services.access import scope_of
from services.meters import Meters
from services.operation import begin
from services.viewers import Viewers
from settings import Settings

MODES = ("homeroom", "homeroom-library", "homeroom-cache", "homeroom-cache-grown-up")
SECRET = "only-for-figures-on-loopback-0123456789"
GROWN_UP = ("HOMEROOM_BENCH_DATABASE_URL", "HOMEROOM_BENCH_REDIS_URL")


@strawberry.type
class Viewer:
    role: str


@strawberry.type
class Query(School):
    @strawberry.field
    async def viewer(self, info: strawberry.Info[Context, None]) -> Viewer | None:
        return None if info.context.viewer is None else Viewer(role=info.context.viewer.role.name)


def settings_of(mode: str, folder: str) -> Settings:
    """No limit is in the way of the figures. `grown-up` is PostgreSQL and Redis."""
    database, redis = f"sqlite://{folder}/{mode}.sqlite3", None
    if mode.endswith("grown-up"):
        database, redis = (os.environ[name] for name in GROWN_UP)
    return Settings(
        database_url=database,
        redis_url=redis,
        secret_key=SecretStr(new_key()),
        auth_secret=SecretStr(SECRET),
        budget=10**15,
        budget_restore=10**12,
        max_cost=10**9,
        max_nodes=10**9,
        response_seconds=10 if "cache" in mode else 0,
    )


def app_of(mode: str, chosen: Settings) -> Starlette:
    executor = None if mode == "homeroom-library" else ListExecutor
    viewers = Viewers("username")

    async def context(asked: HTTPConnection, identity: Identity | None) -> Context:
        engine = asked.app.state.engine
        snapshot = await engine.snapshots.now()
        person = await viewers.find(identity.subject, snapshot) if identity else None
        if person is None:
            return Context(None, None)
        return Context(person, begin(engine, scope_of(person)), snapshot)

    endpoint = GraphQLApp(
        strawberry.Schema(Query, execution_context_class=executor),
        make_context=context,
        settings=chosen,
        verifier=verifier(chosen),
        observer=Observing(Meters(), None),
        cache=response_cache(chosen),
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await connection.connect(chosen.database_url)
            stack.push_async_callback(connection.disconnect)
            app.state.engine = await stack.enter_async_context(engines.running(chosen, TaskiqQueue(broker_of(chosen))))
            stack.push_async_callback(endpoint.close)
            calm_collector()
            yield

    route = Route("/graphql", endpoint)
    return Starlette(routes=[route], middleware=middleware(chosen, {"/graphql": endpoint}), lifespan=lifespan)


async def _prepare(chosen: Settings) -> None:
    await connection.migrate(chosen.database_url)
    await connection.connect(chosen.database_url)
    await User.get_or_create(
        username="bench",
        defaults={
            "username_key": "bench",
            "first_name": "Bench",
            "last_name": "Mark",
            "sort_key": "bench mark",
            "role": Role.SYSTEM_ADMIN,
        },
    )
    await connection.disconnect()


def main() -> None:
    mode, port, folder = sys.argv[1:]
    configure_logging("warning")
    chosen = settings_of(mode, folder)
    asyncio.run(_prepare(chosen))
    sys.stdout.write(f"{issue_token(SECRET, 'bench')}\n")
    sys.stdout.flush()
    uvicorn.run(app_of(mode, chosen), host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
