"""A whole homeroom in one process: a database, sandboxes for Canvases, and queries as anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr
from strawberry.types import ExecutionResult

from db.models import Provider, User
from db.queries.users import users_by_ids
from db.sealing import new_key
from domain.queue import Queue
from domain.refs import Ref
from domain.scope import SYSTEM
from graph.ids import encode
from graph.schema import schema
from loaders.canvases import belongs_to
from resolvers.context import Context
from sandbox.app import Sandbox, create_app
from sandbox.behaviour import DEFAULT_TOKEN, Behaviour
from sandbox.world import World
from services import engine
from services.access import scope_of
from services.operation import Engine, begin
from settings import Settings
from tests import factories

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


class Hosts(httpx.AsyncBaseTransport):
    """Routes each host name to the stand-in of that name; any other is dead. `asked` has all of them."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.apps: dict[str, httpx.ASGITransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.add(request.url.host)
        if request.url.host not in self.apps:
            raise httpx.ConnectError("no such host", request=request)
        try:
            return await self.apps[request.url.host].handle_async_request(request)
        except OSError as error:
            raise httpx.ReadError("the connection ended", request=request) from error


class Held(Queue):
    """Keeps jobs for the test to run."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int]] = []

    async def enqueue(self, job: str, key: int) -> None:
        self.jobs.append((job, key))


@dataclass
class Clock:
    """Time that moves when a test says so."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class House:
    """`run` asks as a person (None: nobody) and answers data and errors as the schema made them."""

    engine: Engine
    hosts: Hosts
    clock: Clock
    queue: Held
    sandboxes: dict[int, Sandbox] = field(default_factory=dict)

    async def canvas(self, world: World, behaviour: Behaviour | None = None, **given: Any) -> Provider:
        """A provider row with a stand-in behind it."""
        app = create_app(world, behaviour or Behaviour(throttling=False))
        row = await factories.provider(**given)
        self.hosts.apps[httpx.URL(row.base_url).host] = httpx.ASGITransport(app=app)
        self.sandboxes[row.id] = app
        keyring = self.engine.canvases.keyring
        row.sealed_access_key = keyring.seal(DEFAULT_TOKEN, belongs_to(row.id))
        row.access_key_fingerprint = keyring.fingerprint(DEFAULT_TOKEN)
        await row.save()
        return row

    async def context(self, viewer: User | None) -> Context:
        if viewer is None:
            return Context(None, None)
        (row,) = await users_by_ids(SYSTEM, [viewer.id])
        return Context(row, begin(self.engine, scope_of(row), request_id="test", address="127.0.0.1"))

    async def run(self, query: str, viewer: User | None, **variables: Any) -> ExecutionResult:
        result = await schema.execute(query, variable_values=variables, context_value=await self.context(viewer))
        assert isinstance(result, ExecutionResult)
        return result

    async def data(self, query: str, viewer: User | None, **variables: Any) -> Any:
        """The data of an answer without errors."""
        result = await self.run(query, viewer, **variables)
        assert result.errors is None, result.errors
        return result.data

    def calls(self, provider: Provider) -> list[tuple[str, str]]:
        """Method and path of everything its Canvas was asked since `forget_calls`."""
        return [(entry.method, entry.path) for entry in self.sandboxes[provider.id].state.log.entries]

    def forget_calls(self) -> None:
        for app in self.sandboxes.values():
            app.state.log.reset()


@asynccontextmanager
async def house(redis_url: str | None = None, **settings: Any) -> AsyncIterator[House]:
    """A homeroom over the open database. `settings` are those of settings.py."""
    chosen = Settings(
        secret_key=SecretStr(new_key()), redis_url=redis_url, canvas_allow_networks="127.0.0.0/8", **settings
    )
    hosts, clock, queue = Hosts(), Clock(), Held()
    async with engine.running(chosen, queue, clock=clock, transport=hosts) as running:
        yield House(running, hosts, clock, queue)


def gid(ref: Ref) -> str:
    return str(encode(ref))
